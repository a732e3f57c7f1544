import type { JsonShapes } from '#core/base/cli/json-shapes'
import { ConfigShowShape } from '#core/base/config/config-shape'
import { BackupShape, RestoreShape, ShrinkShape } from './commands/backup-shapes.ts'
import { ModelsCheckShape, ModelsListShape } from './commands/models-shapes.ts'
import { WalletShowShape } from './commands/wallet-shape.ts'

/** As in the tuner: docs/json-shapes.md is made from this, and a test compares the commands with it. */
export const minerShapes: JsonShapes = {
  'config show': [{ shape: ConfigShowShape }],
  'wallet show': [{ shape: WalletShowShape }],
  backup: [{ shape: BackupShape }],
  restore: [{ shape: RestoreShape }],
  shrink: [{ shape: ShrinkShape }],
  'models list': [{ shape: ModelsListShape }],
  'models check': [{ shape: ModelsCheckShape }],
}
