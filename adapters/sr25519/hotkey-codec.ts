import { createHash } from 'node:crypto'
import type { HotkeyCodec } from '#core/bittensor/admission/signature-verifier'

const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
const digitOf = new Map([...alphabet].map((letter, value) => [letter, value]))
const prefix = 42
const keyBytes = 32
const checksumBytes = 2
const addressBytes = 1 + keyBytes + checksumBytes
const checksumSalt = Buffer.from('SS58PRE')

// Decoding takes some microseconds and the same few hundred validators call. The cache is bounded, because strangers
// call too.
const maxKept = 4_096

export function createHotkeyCodec(): HotkeyCodec {
  const kept = new Map<string, Uint8Array>()
  return {
    decode(address) {
      const known = kept.get(address)
      if (known !== undefined) return known
      const key = decodeSs58(address)
      if (key === undefined) return undefined
      if (kept.size >= maxKept) kept.clear()
      kept.set(address, key)
      return key
    },
  }
}

/**
 * With 35 bytes and a first byte of 42 the text always has 48 letters and never begins with a '1'. So each key has
 * exactly one spelling, and encoding it again would show nothing new.
 */
function decodeSs58(address: string): Uint8Array | undefined {
  if (address.length !== 48) return undefined
  const bytes = new Uint8Array(addressBytes)
  for (const letter of address) {
    const digit = digitOf.get(letter)
    if (digit === undefined) return undefined
    let carry = digit
    for (let i = addressBytes - 1; i >= 0; i -= 1) {
      carry += bytes[i]! * 58
      bytes[i] = carry & 0xff
      carry >>= 8
    }
    if (carry !== 0) return undefined
  }
  if (bytes[0] !== prefix) return undefined
  const hash = createHash('blake2b512')
    .update(checksumSalt)
    .update(bytes.subarray(0, 1 + keyBytes))
    .digest()
  if (hash[0] !== bytes[1 + keyBytes] || hash[1] !== bytes[2 + keyBytes]) return undefined
  return bytes.slice(1, 1 + keyBytes)
}
