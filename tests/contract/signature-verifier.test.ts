import { ristretto255 } from '@noble/curves/ed25519.js'
import { cryptoWaitReady, sr25519Verify } from '@polkadot/util-crypto'
import { sr25519_verify } from '@polkadot-labs/schnorrkel-wasm'
import fc from 'fast-check'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { schnorrkelVerifier } from '#adapters/sr25519/schnorrkel-verifier'
import { alice, bob } from '#tests/support/hotkeys'

const encode = (text: string) => new TextEncoder().encode(text)

describe('the sr25519 verifier', () => {
  beforeAll(async () => {
    await cryptoWaitReady()
  })

  const reference = (message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array) => {
    try {
      return sr25519Verify(message, signature, publicKey)
    } catch {
      return false
    }
  }

  it('agrees with another implementation on valid, damaged and random input', () => {
    const damage = fc.record({ at: fc.nat(63), bit: fc.nat(7), inKey: fc.boolean(), times: fc.nat(2) })
    fc.assert(
      fc.property(fc.string(), damage, (text, { at, bit, inKey, times }) => {
        const message = encode(text)
        const signature = alice.sign(text)
        const publicKey = alice.publicKey.slice()
        if (times > 0) {
          const target = inKey ? publicKey : signature
          target[at % target.length]! ^= 1 << bit
        }
        const holds = schnorrkelVerifier.verify(message, signature, publicKey)
        expect(holds).toBe(reference(message, signature, publicKey))
        expect(holds).toBe(times === 0)
      }),
      { numRuns: 300 },
    )
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 64, maxLength: 64 }),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        (signature, publicKey) => {
          const message = encode('message')
          expect(schnorrkelVerifier.verify(message, signature, publicKey)).toBe(
            reference(message, signature, publicKey),
          )
        },
      ),
      { numRuns: 300 },
    )
  })

  it('answers false for wrong lengths', () => {
    const signature = alice.sign('text')
    expect(schnorrkelVerifier.verify(encode('text'), signature.slice(0, 63), alice.publicKey)).toBe(false)
    expect(schnorrkelVerifier.verify(encode('text'), new Uint8Array(0), alice.publicKey)).toBe(false)
    expect(schnorrkelVerifier.verify(encode('text'), signature, alice.publicKey.slice(1))).toBe(false)
    expect(schnorrkelVerifier.verify(encode('text'), signature, bob.publicKey)).toBe(false)
  })

  it('refuses the neutral key, for which anybody can sign', () => {
    const scalar = 123_456_789n
    const signature = new Uint8Array(64)
    signature.set(ristretto255.Point.BASE.multiply(scalar).toBytes())
    for (let i = 0; i < 31; i += 1) signature[32 + i] = Number((scalar >> BigInt(8 * i)) & 0xffn)
    signature[63]! |= 0x80
    const neutral = new Uint8Array(32)
    expect(sr25519_verify(neutral, encode('text'), signature)).toBe(true)
    expect(schnorrkelVerifier.verify(encode('text'), signature, neutral)).toBe(false)
  })

  it('never lets malformed input reach the binding, which would panic and print', () => {
    const printed = vi.spyOn(console, 'error')
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 64, maxLength: 64 }),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.boolean(),
        (signature, publicKey, marked) => {
          if (marked) signature[63]! |= 0x80
          schnorrkelVerifier.verify(encode('text'), signature, publicKey)
          schnorrkelVerifier.verify(encode('text'), signature, alice.publicKey)
        },
      ),
      { numRuns: 500 },
    )
    expect(printed).not.toHaveBeenCalled()
    printed.mockRestore()
  })
})
