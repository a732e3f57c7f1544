import { SplitMix64 } from '#core/base/random/rng'
import { Sfc32 } from '#core/base/random/sfc32'
import { multiply, plus, times } from '#models/graph/arithmetic'
import { softmax } from '#models/graph/reduce'
import type { Scope } from '#models/graph/scope'
import type { Process } from '#models/process/process'
import type { LossTarget } from '#models/registry/component'

export interface ProcessChoice {
  readonly batch?: number
  readonly steps?: number
  readonly stepSeconds?: number
  readonly parts?: number
  readonly tails?: 'normal' | 'student'
  readonly level?: boolean
  readonly drift?: boolean
}

/** Log-variance of a step around which all of these processes are. */
export const usualLogVariance = -13

/** A process whose numbers are parameters: drawn around usual ones, with gradients. */
export function aProcess(scope: Scope, choice: ProcessChoice = {}): Process {
  const { batch = 2, steps = 12, stepSeconds = 300, parts = 1, tails = 'normal' } = choice
  const normal = (name: string, ...shape: number[]) => scope.parameter(name, shape, { kind: 'normal', sd: 1 })
  const shape = parts === 1 ? [batch, steps] : [batch, parts, steps]
  return {
    stepSeconds,
    logVariance: plus(times(normal('variance', ...shape), 0.4), usualLogVariance),
    weights: parts === 1 ? undefined : softmax(normal('weights', batch, parts), 1),
    drift: choice.drift ? times(normal('drift', ...shape), 3e-4) : undefined,
    tails:
      tails === 'normal'
        ? { kind: 'normal' }
        : { kind: 'student', degreesOfFreedom: plus(square(normal('tails', batch, 1)), 3) },
    levelLogSd: choice.level ? plus(times(square(normal('level', batch, 1)), 0.05), 0.2) : undefined,
  }
}

/** Drawn log-returns of about that variance; `unknown` are places in the flat [batch, steps]. */
export function aTarget(
  scope: Scope,
  choice: ProcessChoice & { readonly horizon?: 'low' | 'high'; readonly unknown?: readonly number[] } = {},
): LossTarget {
  const { batch = 2, steps = 12, stepSeconds = 300, horizon = 'high', unknown = [] } = choice
  const random = new Sfc32(new SplitMix64(3n).fork('target'))
  const known = Array.from({ length: batch * steps }, (_, place) => (unknown.includes(place) ? 0 : 1))
  const returns = known.map((one) => one * Math.exp(usualLogVariance / 2) * random.normal())
  return {
    stepSeconds,
    horizon,
    logReturns: scope.graph.constant(returns, [batch, steps]),
    known: scope.graph.constant(known, [batch, steps]),
  }
}

function square(x: ReturnType<Scope['parameter']>) {
  return multiply(x, x)
}
