import { Piscina } from 'piscina'
import type { DriftlessSpec } from '#core/paths/driftless'
import type { PathAnswer, PathMaker } from '#core/paths/path-maker'
import type { SpotPrice } from '#core/paths/spot-price'
import { SplitMix64 } from '#core/random/rng'
import { hourlySigmas } from '#core/synth/asset-sigmas'
import { type Prompt, pointCount, promptKey } from '#core/synth/prompt'
import { workerFile } from '../../workers/worker-file.ts'

const maxQueued = 256

/**
 * The simplest honest forecast: no drift, one typical volatility for each asset, from the newest price. Without a price
 * there is no forecast.
 */
export class DriftlessPathMaker implements PathMaker {
  readonly #spot: SpotPrice
  readonly #seeds: SplitMix64
  readonly #pool: Piscina<DriftlessSpec, Uint8Array | undefined>

  private constructor(spot: SpotPrice, seed: bigint, pool: Piscina<DriftlessSpec, Uint8Array | undefined>) {
    this.#spot = spot
    this.#seeds = new SplitMix64(seed)
    this.#pool = pool
  }

  /** Resolves once every worker has computed something, so that the first prompt does not pay for their start. */
  static async start(
    deps: { spot: SpotPrice },
    options: { seed: bigint; workers: number },
  ): Promise<DriftlessPathMaker> {
    const pool = new Piscina<DriftlessSpec, Uint8Array | undefined>({
      ...workerFile(import.meta.url, 'driftless-worker'),
      minThreads: options.workers,
      maxThreads: options.workers,
      name: 'makeDriftlessPaths',
      maxQueue: maxQueued,
      idleTimeout: Number.POSITIVE_INFINITY,
    })
    await Promise.all(Array.from({ length: options.workers }, () => pool.run(warmUp)))
    return new DriftlessPathMaker(deps.spot, options.seed, pool)
  }

  get assets(): ReadonlySet<string> {
    return new Set(hourlySigmas.keys())
  }

  async makePaths(prompt: Prompt, signal: AbortSignal): Promise<PathAnswer> {
    const hourlySigma = hourlySigmas.get(prompt.asset)
    if (hourlySigma === undefined) return failed(`no volatility for ${prompt.asset}`)
    const spot = this.#spot.spotPrice(prompt.asset)
    if (!spot.ok) return { ok: false, reason: 'priceUnavailable', detail: spot.reason }
    const outputJson = await this.#pool.run(
      {
        seed: this.#seeds.fork(promptKey(prompt)).nextUint64(),
        startPriceUsd: spot.priceUsd,
        hourlySigma,
        startAtSeconds: prompt.startAtSeconds,
        stepSeconds: prompt.stepSeconds,
        pointCount: pointCount(prompt),
        pathCount: prompt.pathCount,
      },
      { signal },
    )
    if (outputJson === undefined) return failed(`a price left the range that can be written, from ${spot.priceUsd}`)
    return { ok: true, outputJson }
  }

  stop(): Promise<void> {
    return this.#pool.destroy()
  }
}

const warmUp: DriftlessSpec = {
  seed: 1n,
  startPriceUsd: 100,
  hourlySigma: 0.01,
  startAtSeconds: 0,
  stepSeconds: 60,
  pointCount: 2,
  pathCount: 1,
}

function failed(detail: string): PathAnswer {
  return { ok: false, reason: 'failed', detail }
}
