import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from '#core/base/log/logger'
import type { SplitMix64 } from '#core/base/random/rng'
import type { Clock } from '#core/base/time/clock'
import { dayMs, minuteMs } from '#core/base/time/units'
import type { HotkeySigner } from '#core/bittensor/wallet/hotkey-signer'
import { scoredIntervals } from '#core/forecast/ladder/scored-intervals'
import type { ClosePoint } from '#core/forecast/models/ewma-state'
import type { ForecastQuestion, ModelAnswer } from '#core/forecast/models/volatility-model'
import type { LatestPrice } from '#core/market/venues/latest-price'
import { type MinuteHistory, orderMinutes } from '#core/market/venues/minute-history'
import type { ScoredSourceLookup } from '#core/market/venues/price-sources'
import type { RealisedPaths } from '#core/market/venues/realised-paths'
import type { VenueId, VenueSymbol } from '#core/market/venues/venue'
import { type DuePrompt, PromptLanes } from '#core/synth/prompts/prompt-lanes'
import { startTimeText } from '#core/synth/prompts/start-time'
import type { RegimeBook } from '#core/synth/regimes/book'
import { resolvePrediction } from '#core/synth/regimes/prediction'
import { resolvePromptRules } from '#core/synth/regimes/resolve'
import { predictionRuleOf } from '#core/synth/scoring/prediction-rule'
import { badCalls, minerRefusals } from './bad-calls.ts'
import type { CalibratedForecast, Judge } from './judge-tasks.ts'
import { type Reply, sendCall } from './send-call.ts'
import { type Call, type CallFacts, simulationCall } from './simulation-call.ts'
import { ValidatorTally } from './tally.ts'

export interface DevValidatorDeps {
  /** The market's time. */
  readonly clock: Clock
  readonly log: Logger
  readonly rng: SplitMix64
  readonly book: RegimeBook
  readonly sources: ScoredSourceLookup
  readonly latest: ReadonlyMap<VenueId, LatestPrice>
  readonly histories: ReadonlyMap<VenueId, MinuteHistory>
  readonly realised: Pick<RealisedPaths, 'read'>
  readonly judge: Judge
  /** The miner's calibrated model, to be scored beside the model that answers. */
  readonly calibrated?: ((question: ForecastQuestion) => ModelAnswer) | undefined
  readonly signer: HotkeySigner
  readonly neighbour: HotkeySigner
  readonly stranger: HotkeySigner
}

export interface DevValidatorOptions {
  /** The miner's axon, for example http://127.0.0.1:8091. */
  readonly url: string
  /** Address of the miner's hotkey. */
  readonly receiver: string
  /** Where answers wait until they are scored. */
  readonly folder: string
}

interface AskedPrompt extends DuePrompt {
  readonly startAtMs: number
  readonly askedAtMs: number
  readonly priceUsd: number | undefined
  readonly keptAt: string
  readonly dueAtMs: number
  readonly calibrated: CalibratedForecast | undefined
}

/** The result of one prompt, for the terminal. */
export interface AskedLine {
  readonly asset: string
  readonly timeLengthSeconds: number
  /** Undefined: answered correctly. */
  readonly problem: string | undefined
  readonly durationMs: number
}

/** How much of the past the older miner's state is made from. */
const knownPastMs = dayMs
/** A path that is not final this long after it was due never will be. */
const patienceMs = 15 * minuteMs

/**
 * A validator for one miner on one machine. It sends signed requests over HTTP in the network's rhythm, sometimes bad
 * ones, checks every answer as the network does, and scores it when its minutes are over, next to two other miners.
 */
export class DevValidator {
  readonly tally = new ValidatorTally()
  readonly #deps: DevValidatorDeps
  readonly #options: DevValidatorOptions
  readonly #lanes: PromptLanes
  readonly #uuidPrefix: string
  #waiting: AskedPrompt[] = []
  #lastNonceNs = 0n
  #lastAnswered: { readonly prompt: DuePrompt; readonly call: Call } | undefined
  #settling: Promise<void> | undefined

  constructor(deps: DevValidatorDeps, options: DevValidatorOptions) {
    this.#deps = deps
    this.#options = options
    const nowMs = deps.clock.nowMs()
    const { promptProfiles } = resolvePromptRules(deps.book, { answerAtMs: nowMs })
    this.#lanes = new PromptLanes(promptProfiles, Math.floor(nowMs / 1000))
    this.#uuidPrefix = deps.rng.nextUint64().toString(16).padStart(16, '0')
  }

  /** Accepted answers that wait for their minutes. */
  get pending(): number {
    return this.#waiting.length
  }

  /** When the last of them can be scored; undefined when there are none. */
  get lastDueAtMs(): number | undefined {
    return this.#waiting.length === 0 ? undefined : Math.max(...this.#waiting.map(({ dueAtMs }) => dueAtMs))
  }

  /** The time of its next request. */
  get nextAskAtMs(): number {
    return this.#lanes.nextAtSeconds * 1000
  }

  /** After a time without requests. */
  resume(atMs: number): void {
    this.#lanes.resume(Math.floor(atMs / 1000))
  }

  /**
   * Sends all requests that are due now, or were due at an instant just past, at once, and waits for all answers. With
   * an instant the next requests follow from it, and not from how late this call is.
   */
  async ask(signal: AbortSignal, atMs = this.#deps.clock.nowMs()): Promise<AskedLine[]> {
    const due = this.#lanes.take(Math.floor(atMs / 1000))
    const prices = await this.#readPrices(due, signal)
    return Promise.all(due.map((prompt) => this.#askOne(prompt, prices.get(prompt.asset), signal)))
  }

  /**
   * One request of every bad kind. Before the first answer it does nothing, because one kind repeats an answered
   * request.
   */
  async askBadly(signal: AbortSignal): Promise<number> {
    if (this.#lastAnswered === undefined) return 0
    const { prompt, call } = this.#lastAnswered
    const { neighbour, stranger } = this.#deps
    const calls = badCalls({ prompt, answered: call, facts: () => this.#facts('bad', 30), stranger, neighbour })
    for (const { kind, expected, call: badCall } of calls) {
      const reply = await this.#send(badCall, 30_000, signal)
      if (signal.aborted) return 0
      this.tally.noteBad(kind, expected, wordOf(reply, minerRefusals[expected].status))
    }
    return calls.length
  }

  /** Scores every answer whose minutes are final. A second caller waits for the first. */
  settle(signal: AbortSignal): Promise<void> {
    this.#settling ??= this.#settleDue(signal).finally(() => {
      this.#settling = undefined
    })
    return this.#settling
  }

  async #askOne(prompt: DuePrompt, priceUsd: number | undefined, signal: AbortSignal): Promise<AskedLine> {
    const { clock } = this.#deps
    const { asset, timeLengthSeconds } = prompt
    const startAtMs = prompt.startAtSeconds * 1000
    const askedAtMs = clock.nowMs()
    // As in the validator: an answer that is missing when the period begins counts as missed.
    const timeoutMs = startAtMs - askedAtMs
    const calibrated = this.#calibratedAt(prompt, startAtMs)
    const call = simulationCall(prompt, this.#facts(String(prompt.lane), timeoutMs / 1000))
    const reply = await this.#send(call, timeoutMs, signal)
    const line = { asset, timeLengthSeconds, durationMs: reply.durationMs }
    if (signal.aborted) return { ...line, problem: 'stopped' }
    this.tally.sent += 1
    const name = { asset, timeLengthSeconds, startAtMs }
    if (reply.kind !== 'answered') {
      const reason = reply.kind === 'refused' ? `refused with ${reply.status} ${reply.code}` : reply.reason
      this.tally.noteMissed(name, reason)
      return { ...line, problem: reason }
    }
    const verdict = await this.#examine(prompt, startAtMs, reply.body)
    if (!verdict.isCorrect) {
      this.tally.noteInvalid(name, verdict.message)
      return { ...line, problem: verdict.message }
    }
    this.tally.noteAnswered(reply.durationMs)
    this.#lastAnswered = { prompt, call }
    const { keptAt, gateMs } = verdict
    const dueAtMs = startAtMs + timeLengthSeconds * 1000 + gateMs + minuteMs
    this.#waiting.push({ ...prompt, startAtMs, askedAtMs, priceUsd, keptAt, dueAtMs, calibrated })
    return { ...line, problem: undefined }
  }

  #calibratedAt(prompt: DuePrompt, startAtMs: number): CalibratedForecast | undefined {
    const { asset, stepSeconds, timeLengthSeconds } = prompt
    const stepCount = timeLengthSeconds / stepSeconds
    const answer = this.#deps.calibrated?.({ asset, startAtMs, stepSeconds, stepCount })
    if (answer?.ok !== true) return undefined
    const intervals = scoredIntervals(this.#deps.book, { ...prompt, lengthSeconds: timeLengthSeconds })
    return { forecast: answer.forecast, intervals }
  }

  async #examine(prompt: DuePrompt, startAtMs: number, body: Uint8Array) {
    const { asset, timeLengthSeconds, stepSeconds, pathCount } = prompt
    const { answer, scoring } = this.#rulesOf(asset, timeLengthSeconds, startAtMs)
    const keptAt = join(this.#options.folder, `${asset}-${timeLengthSeconds}-${prompt.startAtSeconds}-${prompt.lane}`)
    const request = {
      startTime: startTimeText(prompt.startAtSeconds),
      stepSeconds,
      timeLengthSeconds,
      pathCount,
    }
    const rule = { digits: answer.answerRule, order: answer.answerOrder }
    const verdict = await this.#deps.judge.examine({ body, request, rule, keepAt: keptAt })
    return { ...verdict, keptAt, gateMs: scoring.settlement.gateSeconds * 1000 }
  }

  async #settleDue(signal: AbortSignal): Promise<void> {
    const nowMs = this.#deps.clock.nowMs()
    const due = this.#waiting.filter(({ dueAtMs }) => dueAtMs <= nowMs)
    for (const prompt of due) {
      if (signal.aborted) return
      if (await this.#settleOne(prompt, signal)) this.#waiting = this.#waiting.filter((other) => other !== prompt)
    }
  }

  /** True when nothing more happens with this prompt. */
  async #settleOne(prompt: AskedPrompt, signal: AbortSignal): Promise<boolean> {
    const { clock, judge, log, realised } = this.#deps
    const { asset, startAtMs, timeLengthSeconds, stepSeconds, pathCount, keptAt } = prompt
    const path = await realised.read({ asset, startAtMs, timeLengthSeconds, stepSeconds }, signal)
    if (signal.aborted) return false
    if (!path.ok) {
      const mayStillSettle = clock.nowMs() < prompt.dueAtMs + patienceMs
      if (mayStillSettle && path.reason !== 'lastMissing') return false
      const { reason, message } = path
      log.info(
        { event: 'dev_validator.unscored', asset, startAtMs, timeLengthSeconds, reason, detail: message },
        'No score',
      )
      await rm(keptAt, { force: true })
      this.tally.noteUnscored()
      return true
    }
    const knownCloses = await this.#readKnownCloses(prompt, path.series, signal)
    if (signal.aborted) return false
    const scores = await judge.settle({
      keptAt,
      asset,
      startAtMs,
      stepSeconds,
      pathCount,
      real: path.prices,
      rule: predictionRuleOf(this.#rulesOf(asset, timeLengthSeconds, startAtMs), 'none'),
      knownCloses,
      calibrated: prompt.calibrated,
      knownPriceUsd: prompt.priceUsd ?? knownCloses.at(-1)?.close ?? path.prices.find((price) => price > 0) ?? 1,
    })
    this.tally.noteScored(prompt, scores)
    return true
  }

  #rulesOf(asset: string, timeLengthSeconds: number, startAtMs: number) {
    return resolvePrediction(this.#deps.book, { asset, timeLengthSeconds, startAtMs })
  }

  /** Minutes that were over when the prompt was sent, each at the time at which its close was known. */
  async #readKnownCloses(
    { askedAtMs }: AskedPrompt,
    { venue, symbol }: VenueSymbol,
    signal: AbortSignal,
  ): Promise<ClosePoint[]> {
    const toMs = Math.floor(askedAtMs / minuteMs) * minuteMs - minuteMs
    const answer = await this.#deps.histories
      .get(venue)
      ?.fetchMinutes({ symbol, fromMs: toMs - knownPastMs, toMs }, signal)
    if (answer?.ok !== true) return []
    return orderMinutes(answer.minutes)
      .filter(({ openAtMs }) => openAtMs <= toMs)
      .map(({ openAtMs, close }) => ({ close, atMs: openAtMs + minuteMs }))
  }

  /** The venues' current prices, for the other miners' forecasts. */
  async #readPrices(due: readonly DuePrompt[], signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
    const nowMs = this.#deps.clock.nowMs()
    const byVenue = new Map<VenueId, Map<string, string>>()
    for (const { asset } of due) {
      const series = this.#deps.sources(asset, nowMs, nowMs)?.series
      if (series === undefined) continue
      byVenue.set(series.venue, (byVenue.get(series.venue) ?? new Map<string, string>()).set(series.symbol, asset))
    }
    const prices = new Map<string, number>()
    await Promise.all(
      [...byVenue].map(async ([venue, assets]) => {
        const answers = await this.#deps.latest.get(venue)?.fetchLatest([...assets.keys()], signal)
        for (const [symbol, answer] of answers ?? []) if (answer.ok) prices.set(assets.get(symbol)!, answer.priceUsd)
      }),
    )
    return prices
  }

  #send(call: Call, timeoutMs: number, signal: AbortSignal): Promise<Reply> {
    return sendCall(this.#deps, `${this.#options.url}/Simulation`, call, { timeoutMs, signal })
  }

  #facts(lane: string, timeoutSeconds: number): CallFacts {
    const nowNs = BigInt(this.#deps.clock.nowMs()) * 1_000_000n
    this.#lastNonceNs = nowNs > this.#lastNonceNs ? nowNs : this.#lastNonceNs + 1n
    const { signer } = this.#deps
    const { receiver } = this.#options
    return { signer, receiver, nonceNs: this.#lastNonceNs, uuid: `${this.#uuidPrefix}-${lane}`, timeoutSeconds }
  }
}

function wordOf(reply: Reply, expectedStatus: number): string {
  switch (reply.kind) {
    case 'answered':
      return 'an answer'
    case 'failed':
      return reply.reason
    case 'refused':
      return reply.status === expectedStatus ? reply.code : `${reply.status} ${reply.code}`
  }
}
