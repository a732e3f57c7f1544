/**
 * The recipe `walk-v1` of the validator's vectors: paths out of a seed. splitmix64 on halves of 32 bits, because a
 * 24h answer takes three and a half million draws and BigInt would need half a minute for it.
 */
import type { PathMatrix } from '#core/synth/scoring/crps'

export interface WalkRecipe {
  /** Decimal text of an unsigned 64-bit integer. */
  readonly seed: string
  readonly paths: number
  readonly points: number
  readonly s0: number
  readonly sigma: number
  readonly decimals: number
}

export function walkPaths(recipe: WalkRecipe): PathMatrix {
  const draw = uniforms(recipe.seed)
  const scale = 10 ** recipe.decimals
  const rounded = (price: number): number => Math.floor(price * scale + 0.5) / scale
  const values = new Float64Array(recipe.paths * recipe.points)
  let index = 0
  for (let path = 0; path < recipe.paths; path += 1) {
    let price = recipe.s0
    values[index++] = rounded(price)
    for (let point = 1; point < recipe.points; point += 1) {
      let sum = 0
      for (let i = 0; i < 12; i += 1) sum += draw()
      price *= 1 + recipe.sigma * (sum - 6)
      values[index++] = rounded(price)
    }
  }
  return { pathCount: recipe.paths, pointCount: recipe.points, values }
}

export function uniforms(seedText: string): () => number {
  const seed = BigInt(seedText)
  let high = Number((seed >> 32n) & 0xffffffffn)
  let low = Number(seed & 0xffffffffn)
  return () => {
    const sum = low + 0x7f4a7c15
    high = (high + 0x9e3779b9 + (sum > 0xffffffff ? 1 : 0)) >>> 0
    low = sum >>> 0
    let zHigh = high
    let zLow = low
    const multiply = (byHigh: number, byLow: number): void => {
      const productHigh = (highHalf(zLow, byLow) + Math.imul(zHigh, byLow) + Math.imul(zLow, byHigh)) >>> 0
      zLow = Math.imul(zLow, byLow) >>> 0
      zHigh = productHigh
    }
    const foldDown = (bits: number): void => {
      zLow = (zLow ^ ((zLow >>> bits) | (zHigh << (32 - bits)))) >>> 0
      zHigh = (zHigh ^ (zHigh >>> bits)) >>> 0
    }
    foldDown(30)
    multiply(0xbf58476d, 0x1ce4e5b9)
    foldDown(27)
    multiply(0x94d049bb, 0x133111eb)
    foldDown(31)
    return (zHigh * 2 ** 21 + (zLow >>> 11)) * 2 ** -53
  }
}

/** Upper 32 bits of the product of two unsigned 32-bit integers. */
function highHalf(a: number, b: number): number {
  const aHigh = a >>> 16
  const aLow = a & 0xffff
  const bHigh = b >>> 16
  const bLow = b & 0xffff
  const middle = aHigh * bLow + Math.floor((aLow * bLow) / 65536)
  const rest = aLow * bHigh + (middle % 65536)
  return aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(rest / 65536)
}
