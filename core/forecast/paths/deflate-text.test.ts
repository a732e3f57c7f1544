import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { SplitMix64 } from '#core/base/random/rng'
import { deflateCapacity, deflateText } from './deflate-text.ts'
import { PathKernel } from './kernel/path-kernel.ts'

const lastBlock = Uint8Array.of(1, 0, 0, 0xff, 0xff)
const kernel = new PathKernel()

function inflate(piece: Uint8Array): string {
  return inflateRawSync(Buffer.concat([piece, piece, lastBlock])).toString()
}

function deflate(text: Uint8Array): Uint8Array {
  const target = new Uint8Array(deflateCapacity(text.length))
  return target.subarray(0, deflateText(target, text))
}

function someText(seed: bigint, length: number, characters: string): Uint8Array {
  const rng = new SplitMix64(seed)
  // Powers make some characters far more frequent than others.
  const pick = () => characters[Math.floor(rng.next() ** 3 * characters.length)]!
  return new TextEncoder().encode(Array.from({ length }, pick).join(''))
}

describe('deflateText', () => {
  it.each([0, 1, 2, 3, 4, 5, 1000, 70_001])('gives zlib back a text of %s characters, twice in a row', (length) => {
    for (const seed of [1n, 2n, 3n]) {
      const text = someText(seed, length, '0123456789.,[]')
      const twice = new TextDecoder().decode(text).repeat(2)
      expect(inflate(deflate(text))).toBe(twice)
    }
  })

  it('gives back characters that its sample did not hold', () => {
    const rest = '0123456789.,[]'.repeat(3)
    expect(inflate(deflate(new TextEncoder().encode('7'.repeat(65_536) + rest)))).toBe(
      `${'7'.repeat(65_536)}${rest}`.repeat(2),
    )
  })

  it('does the same compiled, bit for bit', () => {
    for (const length of [0, 1, 2, 3, 4, 7, 8, 9, 5000]) {
      for (const characters of ['0123456789.,[]', '0', ',5', '][']) {
        const text = someText(BigInt(length), length, characters)
        expect(kernel.deflateText(text)).toEqual(deflate(text))
      }
    }
  })

  it('is within 1 % of what zlib makes without matches', () => {
    const text = someText(9n, 60_000, '0123456789.,[]')
    const zlib = deflateRawSync(text, { level: 1, strategy: 2 }).length
    expect(deflate(text).length).toBeLessThan(1.01 * zlib + 100)
  })
})
