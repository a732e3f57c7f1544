import { buildInputs } from '#core/forecast/models/onnx/build-inputs'
import { extrasNeeded, type InputFacts, minutesNeeded } from '#core/forecast/models/onnx/manifest'
import type { WindowExtras } from '#core/forecast/models/onnx/recent-closes'
import type { BarSeries } from './bar-series.ts'
import { shapeOf } from './input-facts.ts'
import { minuteWindow } from './minute-window.ts'
import { type DataWindow, targetBars, type WindowShape } from './windows.ts'

/** Numbers in row order, the windows one after the other. */
export interface Batch {
  /** [batch, rows, features]. */
  readonly past: Float32Array
  /** [batch, steps, features]. */
  readonly ahead?: Float32Array
  /** [batch, steps]. */
  readonly baseline?: Float32Array
  /** [batch, steps]: what came true; 0 where unknown. */
  readonly logReturns: Float32Array
  /** [batch, steps]: 1 where the log-return is known, else 0. */
  readonly known: Float32Array
}

/** The variance of each step as the calibrated model forecast it at a start. */
export type BaselineOf = (window: DataWindow) => Float64Array | undefined

type WindowTensors = { readonly ok: true; readonly tensors: ReadonlyMap<string, Float32Array> } | Refused
type Refused = { readonly ok: false; readonly reason: string }

/** Kept inputs of windows; others are computed again when they are asked for. */
const mostKeptBytes = 64 * 2 ** 20

/** The inputs and truths of windows. Inputs are computed by the function that the miner uses. */
export class Dataset {
  readonly facts: InputFacts
  readonly shape: WindowShape
  readonly #series: ReadonlyMap<string, BarSeries>
  readonly #baselineOf: BaselineOf
  readonly #minutes: number
  readonly #extras: WindowExtras
  readonly #kept = new Map<string, ReadonlyMap<string, Float32Array>>()
  #keptBytes = 0

  constructor(series: readonly BarSeries[], facts: InputFacts, baselineOf: BaselineOf = () => undefined) {
    this.facts = facts
    this.shape = shapeOf(facts)
    this.#series = new Map(series.map((one) => [one.asset, one]))
    this.#baselineOf = baselineOf
    this.#minutes = minutesNeeded(facts)
    this.#extras = extrasNeeded(facts)
  }

  /** The inputs of one window by name, or why the miner would not have answered. */
  inputs(window: DataWindow): WindowTensors {
    const key = `${window.asset} ${window.startAtMs}`
    const kept = this.#kept.get(key)
    if (kept !== undefined) return { ok: true, tensors: kept }
    const minutes = minuteWindow(this.#series, window, this.#minutes, this.#extras)
    const answer = buildInputs(this.facts, { ...window, baseline: this.#baselineOf(window) }, minutes)
    if (!answer.ok) return answer
    const tensors = new Map(answer.tensors.map(({ name, values }) => [name, Float32Array.from(values)]))
    const bytes = [...tensors.values()].reduce((sum, { byteLength }) => sum + byteLength, 0)
    if (this.#keptBytes + bytes <= mostKeptBytes) {
      this.#kept.set(key, tensors)
      this.#keptBytes += bytes
    }
    return { ok: true, tensors }
  }

  /** Throws for a window that the miner would not have answered: `answerableWindows` leaves those out. */
  batch(windows: readonly DataWindow[]): Batch {
    const { steps } = this.shape
    const logReturns = new Float32Array(windows.length * steps)
    const known = new Float32Array(windows.length * steps)
    const joined = new Map<string, Float32Array>()
    windows.forEach((window, i) => {
      const answer = this.inputs(window)
      if (!answer.ok)
        throw new RangeError(`${window.asset} at ${new Date(window.startAtMs).toISOString()}: ${answer.reason}`)
      for (const [name, values] of answer.tensors) {
        let target = joined.get(name)
        if (target === undefined) {
          target = new Float32Array(windows.length * values.length)
          joined.set(name, target)
        }
        target.set(values, i * values.length)
      }
      this.#readTruth(
        window,
        logReturns.subarray(i * steps, (i + 1) * steps),
        known.subarray(i * steps, (i + 1) * steps),
      )
    })
    const [ahead, baseline] = [joined.get('ahead'), joined.get('baseline')]
    return {
      past: joined.get('past') ?? new Float32Array(0),
      ...(ahead === undefined ? {} : { ahead }),
      ...(baseline === undefined ? {} : { baseline }),
      logReturns,
      known,
    }
  }

  /** Of the made market: the true variance of each step; undefined of a real one. */
  trueVariances(window: DataWindow): Float64Array | undefined {
    const { series, first, barsPerStep } = this.#target(window)
    const { trueVariance } = series
    if (trueVariance === undefined) return undefined
    return Float64Array.from({ length: this.shape.steps }, (_, k) => {
      const from = first + 1 + k * barsPerStep
      return trueVariance.subarray(from, from + barsPerStep).reduce((sum, variance) => sum + variance, 0)
    })
  }

  #readTruth(window: DataWindow, logReturns: Float32Array, known: Float32Array): void {
    const { series, first, barsPerStep } = this.#target(window)
    for (let k = 0; k < this.shape.steps; k += 1) {
      const from = series.close[first + k * barsPerStep]!
      const to = series.close[first + (k + 1) * barsPerStep]!
      if (!(from > 0 && to > 0)) continue
      logReturns[k] = Math.log(to / from)
      known[k] = 1
    }
  }

  #target(window: DataWindow): { readonly series: BarSeries; readonly first: number; readonly barsPerStep: number } {
    const series = this.#series.get(window.asset)
    if (series === undefined) throw new RangeError(`no series of ${window.asset}`)
    const [first] = targetBars(series, window, this.shape)
    return { series, first, barsPerStep: this.shape.stepSeconds / series.stepSeconds }
  }
}
