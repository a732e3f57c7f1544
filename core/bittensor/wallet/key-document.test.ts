import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AppError } from '#core/base/errors/app-error'
import { parseKeyDocument } from './key-document.ts'

const seedHex = 'e5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a'
const publicHex = `0x${'d4'.repeat(32)}`
const kindOf = (text: string) => parseKeyDocument(text).secret.kind

function refusal(text: string): AppError {
  try {
    parseKeyDocument(text)
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
  throw new Error('the key file was accepted')
}

describe('parseKeyDocument', () => {
  it('prefers the mnemonic, then the seed, then the private key, as the Bittensor tools do', () => {
    const all = { secretPhrase: 'a b c', secretSeed: `0x${seedHex}`, privateKey: `0x${'11'.repeat(64)}` }
    expect(kindOf(JSON.stringify(all))).toBe('phrase')
    expect(kindOf(JSON.stringify({ ...all, secretPhrase: null }))).toBe('seed')
    expect(kindOf(JSON.stringify({ ...all, secretPhrase: null, secretSeed: null }))).toBe('privateKey')
    expect(kindOf(JSON.stringify({ ss58Address: '5Grw' }))).toBe('none')
  })
  it('takes the bare forms of old files', () => {
    expect(kindOf(`${seedHex}\n`)).toBe('seed')
    expect(kindOf(`0x${seedHex}`)).toBe('seed')
    expect(
      parseKeyDocument(
        ' abandon  abandon abandon abandon abandon abandon\nabandon abandon abandon abandon abandon about ',
      ).secret,
    ).toEqual({
      kind: 'phrase',
      phrase: `${'abandon '.repeat(11)}about`,
    })
  })
  it('reads the address under its old name with a leading space', () => {
    expect(parseKeyDocument('{" ss58Address": "5Grw"}').claimedAddress).toBe('5Grw')
  })
  it('takes crypto type 1 as number or text and refuses the others', () => {
    for (const cryptoType of [1, '1', null])
      expect(kindOf(JSON.stringify({ cryptoType, secretSeed: seedHex }))).toBe('seed')
    for (const cryptoType of [0, '0', 2, 'hashed']) {
      expect(refusal(JSON.stringify({ cryptoType, secretSeed: seedHex })).code).toBe('WALLET_KEY_UNSUPPORTED')
    }
  })
  it('names an export of polkadot.js', () => {
    expect(refusal('{"encoded": "x", "encoding": {}, "address": "5Grw"}').message).toContain('polkadot.js')
  })
  it.each([
    ['', 'neither JSON'],
    ['hello', 'neither JSON'],
    ['{"secretSeed"', 'is cut or is not JSON'],
    ['{"secretSeed": 5}', 'has a secretSeed that is not text'],
    ['{"secretSeed": "0x12"}', 'has a secretSeed that is not 32 bytes of hex'],
    [`{"privateKey": "${publicHex}"}`, 'has a privateKey that is not 64 bytes of hex'],
    ['{"publicKey": "0xzz"}', 'has a publicKey that is not 32 bytes of hex'],
  ])('refuses %j with one sentence', (text, sentence) => {
    expect(refusal(text).message).toContain(sentence)
  })
  it('never quotes a damaged file, whatever byte is lost', () => {
    const secret = 'correct-horse-battery-staple'
    const whole = JSON.stringify({ secretSeed: `0x${seedHex}`, privateKey: `0x${seedHex}${seedHex}`, note: secret })
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.string({ maxLength: 3 }), (at, instead) => {
        try {
          parseKeyDocument(whole.slice(0, at) + instead + whole.slice(at + 1))
        } catch (error) {
          if (!(error instanceof AppError)) throw error
          const told = JSON.stringify([error.message, error.hint, error.details, error.stack, String(error.cause)])
          expect(told).not.toContain(secret.slice(0, 6))
          expect(told).not.toContain(seedHex.slice(8, 20))
        }
      }),
    )
  })
})
