import { times } from '#models/graph/arithmetic'
import type { Value } from '#models/graph/graph'
import type { Scope } from '#models/graph/scope'
import type { Process } from '#models/process/process'
import type { LossTarget } from '#models/registry/component'
import { basisPoints } from './changes.ts'
import { drawPaths } from './draw-paths.ts'
import { sampledCrps } from './sampled-crps.ts'
import { meanOfKnown, movesOf } from './targets.ts'

export interface PathCrpsOptions {
  readonly of: 'steps' | 'intervals'
  readonly paths: number
  readonly alpha: number
}

/** The mean CRPS over all known moves, in basis points, of paths drawn from the process. */
export function pathCrps(
  scope: Scope,
  process: Process,
  target: LossTarget,
  { of, paths, alpha }: PathCrpsOptions,
): Value {
  const moves = movesOf(of, target)
  const members = times(moves.sum(drawPaths(scope, process, paths)), basisPoints)
  return meanOfKnown(sampledCrps(members, moves.real, { alpha, partWeights: process.weights }), moves.known)
}
