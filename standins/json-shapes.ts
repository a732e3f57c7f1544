import type { JsonShapes } from '#core/base/cli/json-shapes'
import { DevMarketShape } from './market/shape.ts'

/** What `miner dev ...` prints with --json; docs/json-shapes.md shows it among the miner's. */
export const standInShapes: JsonShapes = { 'dev market': [{ shape: DevMarketShape }] }
