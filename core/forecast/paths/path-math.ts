import type { FourWords } from './threefry.ts'

/** Names one column of draws: the same key gives the same numbers, whatever was drawn before. */
export interface DrawKey {
  readonly seed: FourWords
  readonly stream: number
  readonly step: number
}

/**
 * The arithmetic of the sampler on columns (one number per path). Two implementations give the same bits: a readable
 * one (./reference-path-math.ts) and a compiled one (./kernel/path-kernel.ts). All arrays come from `reserve`.
 */
export interface PathMath {
  /** Workspace with undefined content. Pieces from earlier calls must not be used any more. */
  reserve(length: number): Float64Array
  /** Independent draws from the law behind a quantile table (./distributions/quantile-table.ts). */
  drawQuantiles(out: Float64Array, table: Float64Array, key: DrawKey): void
  /** The strata in an order that looks random; their number is a power of two, and `out` is as long. */
  shuffleStrata(out: Float64Array, strata: Float64Array, mixers: FourWords): void
  /** state = keep * state + gain * draws */
  decay(state: Float64Array, keep: number, gain: number, draws: Float64Array): void
  /** out += scale * values */
  addScaled(out: Float64Array, scale: number, values: Float64Array): void
  /** out *= scale * values */
  multiply(out: Float64Array, scale: number, values: Float64Array): void
  /** out *= scale * exp(logs) */
  multiplyExponentials(out: Float64Array, scale: number, logs: Float64Array): void
  /** out = log(scale * values) / 2, to about eight digits, for positive values; the smallest double stands for 0. */
  halfLogs(out: Float64Array, scale: number, values: Float64Array): void
  sum(values: Float64Array): number
  /** Counts `weight` per value in the nearest bin; values outside go to the ends. At most 2048 bins. */
  addHistogram(
    histogram: Float64Array,
    values: Float64Array,
    binsPerUnit: number,
    zeroBin: number,
    weight: number,
  ): void
  /**
   * out[i] = scale * targets[rank of sums[i]] - sums[i]. `targets` ascend and are about `scale` apart from zero. Ranks
   * are exact to about a thousandth of the scale; closer sums rank by index.
   */
  matchRanks(out: Float64Array, sums: Float64Array, targets: Float64Array, scale: number): void
  /** Compounds log-returns (column k holds step k) and shifts[k] to prices, path after path, with the start. */
  compound(
    prices: Float64Array,
    returns: Float64Array,
    shifts: Float64Array,
    shape: MatrixShape,
    startPrice: number,
  ): void
}

export interface MatrixShape {
  readonly pathCount: number
  readonly stepCount: number
  /** Doubles from one column of returns to the next. */
  readonly columnStride: number
}
