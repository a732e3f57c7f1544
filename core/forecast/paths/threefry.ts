/**
 * Threefry-4x32-20 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011): a keyed
 * mixing of a counter. Any number of any path can be computed without the previous ones, and the same key and counter
 * give the same words on every machine.
 */
const parity = 0x1bd11bda
const rotations = [
  [10, 26],
  [11, 21],
  [13, 27],
  [23, 5],
  [6, 20],
  [17, 11],
  [25, 10],
  [18, 20],
] as const
const rounds = 20

export type FourWords = readonly [number, number, number, number]

/** Writes the four words of one counter to `out` from `at` on. */
export function threefry(counter: FourWords, key: FourWords, out: Uint32Array, at: number): void {
  const keys = [...key, parity ^ key[0] ^ key[1] ^ key[2] ^ key[3]]
  let x0 = (counter[0] + keys[0]!) | 0
  let x1 = (counter[1] + keys[1]!) | 0
  let x2 = (counter[2] + keys[2]!) | 0
  let x3 = (counter[3] + keys[3]!) | 0
  for (let round = 0; round < rounds; round += 1) {
    const [first, second] = rotations[round % 8]!
    if (round % 2 === 0) {
      x0 = (x0 + x1) | 0
      x1 = rotate(x1, first) ^ x0
      x2 = (x2 + x3) | 0
      x3 = rotate(x3, second) ^ x2
    } else {
      x0 = (x0 + x3) | 0
      x3 = rotate(x3, first) ^ x0
      x2 = (x2 + x1) | 0
      x1 = rotate(x1, second) ^ x2
    }
    if (round % 4 === 3) {
      const injection = (round + 1) / 4
      x0 = (x0 + keys[injection % 5]!) | 0
      x1 = (x1 + keys[(injection + 1) % 5]!) | 0
      x2 = (x2 + keys[(injection + 2) % 5]!) | 0
      x3 = (x3 + keys[(injection + 3) % 5]! + injection) | 0
    }
  }
  out[at] = x0
  out[at + 1] = x1
  out[at + 2] = x2
  out[at + 3] = x3
}

function rotate(x: number, bits: number): number {
  return (x << bits) | (x >>> (32 - bits))
}
