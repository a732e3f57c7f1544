import type { Stoppable } from '#core/base/lifecycle/shutdown-stack'
import type { Logger } from '#core/base/log/logger'
import type { Clock } from '#core/base/time/clock'
import type { EnsembleJob } from '#core/forecast/ladder/ensemble-maker'
import type { ForecastLadder } from '#core/forecast/ladder/ladder'
import type { Prompt } from '#core/synth/prompts/prompt'
import type { ChampionOf } from './ladder-text-maker.ts'
import type { PromptSeeds } from './prompt-seeds.ts'
import type { WorkerEnsembles } from './worker-ensembles.ts'

export interface PrepareAheadDeps {
  readonly clock: Clock
  readonly log: Logger
  /** The prompts that will probably come next, the most urgent first. */
  readonly likelyPrompts: (nowMs: number) => readonly Prompt[]
  readonly ladder: ForecastLadder
  readonly seeds: PromptSeeds
  /** For whom paths are drawn ahead: the first hotkey. The others draw theirs when asked. */
  readonly receiver?: string | undefined
  readonly championOf?: ChampionOf
  readonly ensembles: WorkerEnsembles
}

/** Often enough that paths follow a new minute's state before the next prompt arrives. */
const roundMs = 3_000
const forecastDeadlineMs = 2_000

/**
 * Draws the paths of likely prompts while nothing else runs, and again whenever the champion's forecast for them
 * changes. A forecast that fails does not matter here: the ladder reports it when a prompt asks for it.
 */
export class PrepareAhead implements Stoppable {
  readonly #deps: PrepareAheadDeps
  readonly #stopped = new AbortController()
  readonly #finished: Promise<void>

  constructor(deps: PrepareAheadDeps) {
    this.#deps = deps
    this.#finished = this.#run()
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    await this.#finished
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#deps
    const { signal } = this.#stopped
    while (!signal.aborted) {
      try {
        await this.prepareLikely()
      } catch (err) {
        log.error({ event: 'forecast.prepare_failed', err }, 'Paths could not be drawn ahead')
      }
      await clock.sleep(roundMs, signal).catch(() => {})
    }
  }

  /** One round; returns how many prompts are ready now. */
  async prepareLikely(): Promise<number> {
    const { championOf, clock, ensembles, ladder, likelyPrompts, receiver, seeds } = this.#deps
    const likely = likelyPrompts(clock.nowMs())
    ensembles.forgetOthers(likely)
    let readyCount = 0
    for (const prompt of likely) {
      if (this.#stopped.signal.aborted) break
      const recipe = await ladder.foresee(
        prompt,
        seeds.seedOf(prompt, receiver),
        forecastDeadlineMs,
        championOf?.(prompt, receiver),
      )
      if (recipe !== undefined && (await this.#prepare({ prompt, recipe }))) readyCount += 1
      // Requests get a turn between two forecasts.
      await clock.sleep(0)
    }
    return readyCount
  }

  async #prepare(job: EnsembleJob): Promise<boolean> {
    const { clock, ensembles, log } = this.#deps
    if (ensembles.isPrepared(job)) return true
    const beganAtMs = clock.monotonicMs()
    const isReady = await ensembles.prepare(job)
    if (isReady) {
      const { asset, startAtSeconds, lengthSeconds } = job.prompt
      const durationMs = clock.monotonicMs() - beganAtMs
      const fields = { event: 'forecast.prepared', asset, startAtMs: startAtSeconds * 1_000, lengthSeconds, durationMs }
      log.debug(fields, 'Paths drawn ahead')
    }
    return isReady
  }
}
