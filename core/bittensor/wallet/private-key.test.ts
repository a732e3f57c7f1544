import fc from 'fast-check'
import { expect, it } from 'vitest'
import { expandPrivateKey } from './private-key.ts'

const fromHex = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'))
const tail = '9cffd34d9fb01cae1fba61aeed184c817442a2186d5172416729a4b54dd4b84e'

it('turns the form of the file into the form that signs (the vector of the wallet library)', () => {
  const canonical = fromHex(`1f1995bdf3a17b60626a26cfe6f564b337d46056b7a1281b64c649d592ccda0a${tail}`)
  expect(Buffer.from(expandPrivateKey(canonical)).toString('hex')).toBe(
    `f8c8a8ec9d0fdd031353337936af279bbda106b3ba0d45d920334eaa9664d656${tail}`,
  )
})
it('multiplies the scalar by eight and leaves the nonce half alone', () => {
  const littleEndian = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), (bytes) => {
      bytes[31]! &= 0x1f
      const expanded = expandPrivateKey(bytes)
      expect(littleEndian(expanded.subarray(0, 32))).toBe(littleEndian(bytes.subarray(0, 32)) * 8n)
      expect(expanded.subarray(32)).toEqual(bytes.subarray(32))
    }),
  )
})
it('refuses a key that already has the other form, and one of another length', () => {
  expect(() => expandPrivateKey(fromHex(`f8${'00'.repeat(30)}56${tail}`))).toThrow(/not in the form/)
  expect(() => expandPrivateKey(new Uint8Array(32))).toThrow(/has 64 bytes/)
})
