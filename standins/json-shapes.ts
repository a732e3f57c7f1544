import type { JsonShapes } from '#core/base/cli/json-shapes'
import { DevMarketShape } from './market/shape.ts'

/** What `miner dev ...` prints with --json; docs/json-shapes.md lists it with the miner's commands. */
export const standInShapes: JsonShapes = { 'dev market': [{ shape: DevMarketShape }] }
