import { exp } from '#core/forecast/paths/distributions/elementary'
import {
  coefficientsPerSegment,
  lowestExponent,
  segmentsPerOctave,
} from '#core/forecast/paths/distributions/quantile-table'
import type { DrawKey, MatrixShape, PathMath } from '#core/forecast/paths/path-math'
import { type FourWords, threefry } from '#core/forecast/paths/threefry'

/** Written to be read: the compiled kernel is compared with this bit for bit. */
export class ReferencePathMath implements PathMath {
  reserve(length: number): Float64Array {
    return new Float64Array(length)
  }

  drawQuantiles(out: Float64Array, table: Float64Array, { seed, stream, step }: DrawKey): void {
    const words = new Uint32Array(4)
    // One counter makes the words of four paths that are four apart, which is how four SIMD lanes store them.
    for (let first = 0; first < out.length; first += 16) {
      for (let lane = 0; lane < 4; lane += 1) {
        threefry([first / 4 + lane, step, stream, 0], seed, words, 0)
        for (let word = 0; word < 4; word += 1) {
          const path = first + 4 * word + lane
          if (path < out.length) out[path] = quantileOfWord(table, words[word]!)
        }
      }
    }
  }

  shuffleStrata(out: Float64Array, strata: Float64Array, mixers: FourWords): void {
    const bits = Math.log2(strata.length)
    for (let i = 0; i < out.length; i += 1) out[i] = strata[mixIndex(i, bits, mixers)]!
  }

  decay(state: Float64Array, keep: number, gain: number, draws: Float64Array): void {
    for (let i = 0; i < state.length; i += 1) state[i] = keep * state[i]! + gain * draws[i]!
  }

  addScaled(out: Float64Array, scale: number, values: Float64Array): void {
    for (let i = 0; i < out.length; i += 1) out[i] = out[i]! + scale * values[i]!
  }

  multiply(out: Float64Array, scale: number, values: Float64Array): void {
    for (let i = 0; i < out.length; i += 1) out[i] = out[i]! * (scale * values[i]!)
  }

  multiplyExponentials(out: Float64Array, scale: number, logs: Float64Array): void {
    for (let i = 0; i < out.length; i += 1) out[i] = out[i]! * (scale * exp(logs[i]!))
  }

  halfLogs(out: Float64Array, scale: number, values: Float64Array): void {
    for (let i = 0; i < out.length; i += 1) out[i] = halfLog(scale * values[i]!)
  }

  sum(values: Float64Array): number {
    const lanes = [0, 0, 0, 0]
    for (let i = 0; i < values.length; i += 1) lanes[i % 4] = lanes[i % 4]! + values[i]!
    return lanes[0]! + lanes[2]! + (lanes[1]! + lanes[3]!)
  }

  addHistogram(
    histogram: Float64Array,
    values: Float64Array,
    binsPerUnit: number,
    zeroBin: number,
    weight: number,
  ): void {
    const last = histogram.length - 1
    const counts = new Uint32Array(histogram.length)
    for (const value of values) {
      const bin = Math.floor(Math.min(Math.max(value * binsPerUnit + (zeroBin + 0.5), 0), last))
      counts[bin] = counts[bin]! + 1
    }
    for (const [bin, count] of counts.entries()) histogram[bin] = histogram[bin]! + weight * count
  }

  matchRanks(out: Float64Array, sums: Float64Array, targets: Float64Array, scale: number): void {
    const slots = Array.from(sums, (sum) => rankSlot(sum, scale))
    const order = [...slots.keys()].sort((a, b) => slots[a]! - slots[b]! || a - b)
    for (const [rank, path] of order.entries()) out[path] = scale * targets[rank]! - sums[path]!
  }

  compound(
    prices: Float64Array,
    returns: Float64Array,
    shifts: Float64Array,
    { pathCount, stepCount, columnStride }: MatrixShape,
    startPrice: number,
  ): void {
    for (let path = 0; path < pathCount; path += 1) {
      let price = startPrice
      const row = path * (stepCount + 1)
      prices[row] = price
      for (let k = 0; k < stepCount; k += 1) {
        price *= exp(returns[k * columnStride + path]! + shifts[k]!)
        prices[row + k + 1] = price
      }
    }
  }
}

/** The top bit is the sign; the other 31, taken from the end, are the tail probability. */
function quantileOfWord(table: Float64Array, word: number): number {
  const isUpper = word >= 2 ** 31
  const tail = (isUpper ? 2 ** 32 - 1 - word : word) + 0.5
  const exponent = tail < 1 ? lowestExponent : 31 - Math.clz32(tail)
  const mantissa = tail / 2 ** exponent
  const segment = (exponent - lowestExponent) * segmentsPerOctave + Math.floor((mantissa - 1) * segmentsPerOctave)
  const at = segment * coefficientsPerSegment
  const quantile = table[at]! + mantissa * (table[at + 1]! + mantissa * (table[at + 2]! + mantissa * table[at + 3]!))
  return isUpper ? quantile : -quantile
}

/** Half of the slots are within three deviations of zero, where one is about 0.0015 deviations wide. */
function rankSlot(sum: number, scale: number): number {
  const share = sum / (3 * scale + Math.abs(sum))
  // Adding and subtracting 2^52 rounds to the nearest whole number.
  return share * 2047 + (2048 + 2 ** 52) - 2 ** 52
}

/** A bijection of the numbers with this many bits: each step can be undone. */
function mixIndex(index: number, bits: number, [first, second, third, fourth]: FourWords): number {
  const mask = 2 ** bits - 1
  const half = bits >> 1
  let x = (index ^ first) & mask
  x = Math.imul(x, second | 1) & mask
  x ^= x >>> half
  x = (Math.imul(x, third | 1) + fourth) & mask
  x ^= x >>> half
  return Math.imul(x, (first >>> 16) | 1) & mask
}

const words = new Uint32Array(2)
const double = new Float64Array(words.buffer)
const highWord = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0
const halfLn2 = 0.34657359027997264
const leastNormal = 2.2250738585072014e-308

function halfLog(x: number): number {
  double[0] = Math.max(x, leastNormal)
  const high = words[highWord]!
  words[highWord] = (high & 0xfffff) | 0x3ff00000
  const mantissa = double[0]!
  // log2 m = 1/2 + (2 / ln 2) artanh((m - sqrt 2) / (m + sqrt 2))
  const s = (mantissa - Math.SQRT2) / (mantissa + Math.SQRT2)
  const square = s * s
  const series = s * (1 + square * (1 / 3 + square * (1 / 5 + square * (1 / 7))))
  return ((high >>> 20) - 1023 + 0.5) * halfLn2 + series
}
