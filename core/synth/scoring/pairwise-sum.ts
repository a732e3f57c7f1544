/**
 * The sum in numpy's order: the order decides the last bit, so it is part of the rules. Below 8 terms left to right; up
 * to 128 eight running sums and then the remainder; above that, two halves.
 */
const unrolled = 8
const largestBlock = 128

/** Sum of `values[start, end)`. */
export function pairwiseSum(values: ArrayLike<number>, start = 0, end = values.length): number {
  const count = end - start
  if (count < unrolled) {
    let sum = 0
    for (let i = start; i < end; i += 1) sum += values[i]!
    return sum
  }
  if (count <= largestBlock) return sumBlock(values, start, end)
  const half = Math.floor(count / 2)
  const middle = start + half - (half % unrolled)
  return pairwiseSum(values, start, middle) + pairwiseSum(values, middle, end)
}

function sumBlock(values: ArrayLike<number>, start: number, end: number): number {
  let r0 = values[start]!
  let r1 = values[start + 1]!
  let r2 = values[start + 2]!
  let r3 = values[start + 3]!
  let r4 = values[start + 4]!
  let r5 = values[start + 5]!
  let r6 = values[start + 6]!
  let r7 = values[start + 7]!
  const fullEnd = end - ((end - start) % unrolled)
  for (let i = start + unrolled; i < fullEnd; i += unrolled) {
    r0 += values[i]!
    r1 += values[i + 1]!
    r2 += values[i + 2]!
    r3 += values[i + 3]!
    r4 += values[i + 4]!
    r5 += values[i + 5]!
    r6 += values[i + 6]!
    r7 += values[i + 7]!
  }
  let sum = r0 + r1 + (r2 + r3) + (r4 + r5 + (r6 + r7))
  for (let i = fullEnd; i < end; i += 1) sum += values[i]!
  return sum
}
