import { createHash, createPublicKey, verify as verifyEd25519 } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createHotkeyCodec } from '#adapters/sr25519/hotkey-codec'
import { schnorrkelVerifier } from '#adapters/sr25519/schnorrkel-verifier'
import { bodyHash, emptyBodyHash, type PythonValue } from '#core/bittensor/admission/body-hash'
import { btauthSignedText, createBtauthScheme } from '#core/bittensor/admission/btauth-scheme'
import { isFresh, toNs, v10Window } from '#core/bittensor/admission/nonce-window'
import { refusalTable } from '#core/bittensor/admission/refusals'
import { v10SignedText } from '#core/bittensor/admission/v10-scheme'
import { alice, bob, encodeSs58 } from '#tests/support/hotkeys'

const sha3 = (text: string) => createHash('sha3-256').update(text).digest('hex')
const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'))
const text = (value: string) => new TextEncoder().encode(value)

describe('body hash', () => {
  it('V1 is the hash of nothing for a synapse without required fields', () => {
    expect(bodyHash([], sha3)).toBe('a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a')
    expect(emptyBodyHash).toBe(bodyHash([], sha3))
  })

  const prompt = new Map<string, PythonValue>([
    ['asset', 'BTC'],
    ['start_time', '2026-05-25T12:01:00+00:00'],
    ['time_increment', 60],
    ['time_length', 3600],
    ['num_simulations', 1000],
  ])
  const cases: [string, PythonValue[], string][] = [
    ['V2 three fields', [1, 2, ['foobar']], 'ae06397d08f30f75c91395c59f05c62ac3b62b88250eb78b109213258e6ced0c'],
    ['V3 an int', [1], 'ed4bc853dce1a3f7afd74fd20a81219cd36d60f8b241fc33dcbe5ebc9381e2f9'],
    ['V4 a float', [{ float: 12 }], 'f2aed74bfba752de121c09501f55fcc57dc68385338653283d3a20298d802edd'],
    ['V5 None', [null], '374b5d095204fc2ce2201a0f3c315571a7097e854d9babc9ed634954d4dd9e10'],
    ['V6 a text', ['BTC'], 'e9452c7ad305badf2d515d4963546c24feb2d82ec4bf6a1c4c5ad4fa41e41b91'],
    ['V7 a dict', [prompt], '6cc2623692eb0bcb18915a0022c2a1c01f0ed352aa04471157327de499bd39e2'],
  ]
  it.each(cases)('%s', (_name, fields, expected) => {
    expect(bodyHash(fields, sha3)).toBe(expected)
  })
})

describe('keys and addresses', () => {
  const codec = createHotkeyCodec()
  const keys: [string, string, string][] = [
    ['V8', alice.address, 'd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d'],
    ['V9', bob.address, '8eaf04151687736326c9fea17e25fc5287613693c912909cb226aa4794f26a48'],
    [
      'V10',
      '5HDvhV6WDCjCKyrXqGQSDYqQAzkzabNhctmiDYEqgBC66BsX',
      'e4359ad3e2716c539a1d663ebd0a51bdc5c98a12e663bb4c4402db47828c9446',
    ],
  ]
  it.each(keys)('%s decodes to its public key', (_name, address, key) => {
    expect(Buffer.from(codec.decode(address) ?? []).toString('hex')).toBe(key)
    expect(encodeSs58(bytes(key), 42)).toBe(address)
  })

  it('V8 and V9 are the addresses of the development keys', () => {
    expect(alice.address).toBe('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY')
    expect(bob.address).toBe('5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty')
  })

  it('V10 with another prefix is the same key and not a hotkey', () => {
    const other = encodeSs58(codec.decode('5HDvhV6WDCjCKyrXqGQSDYqQAzkzabNhctmiDYEqgBC66BsX')!, 0)
    expect(other).toBe('16ADqpMa4yzfmWs3nuTSMhfZ2ckeGtvqhPWCNqECEGDcGgU2')
    expect(codec.decode(other)).toBeUndefined()
  })
})

describe('signatures', () => {
  const parts = {
    nonce: '1779710400123456789',
    sender: alice.address,
    receiver: bob.address,
    uuid: '5ecbd69c-1cec-11ee-b0dc-e29ce36fec1a',
    bodyHash: emptyBodyHash,
  }
  const signature = bytes(
    '2028ea3199bf95d6e14059322d95d61e2808e52ab5c545a523a51398d4e3a37db7dd1b829ebde1fbbf5c2f417c8813b17ca4ef797bf56b0a5b34a7bb1b356283',
  )

  it('V13 verifies, and not for the nonce before or another key', () => {
    const message = v10SignedText(parts)
    expect(message).toHaveLength(219)
    expect(schnorrkelVerifier.verify(text(message), signature, alice.publicKey)).toBe(true)
    const earlier = v10SignedText({ ...parts, nonce: '1779710400123456788' })
    expect(schnorrkelVerifier.verify(text(earlier), signature, alice.publicKey)).toBe(false)
    expect(schnorrkelVerifier.verify(text(message), signature, bob.publicKey)).toBe(false)
  })

  const btauth = {
    method: 'post',
    target: '/generate?stream=false',
    bodySha256Hex: createHash('sha256').update('{"prompt": "hello"}').digest('hex'),
    nonce: '1752076800000000000',
    receiver: bob.address,
  }

  it('V14 btauth/1 signs 227 bytes over method, target and body', () => {
    expect(btauth.bodySha256Hex).toBe('341c57448e531310fbbe83f44cea2a5e838bd9e8a6b82b269f01d0dbbc23c3cc')
    const payload = btauthSignedText({ ...btauth, crypto: 'sr25519', sender: alice.address })
    expect(payload).toHaveLength(227)
    const valid = bytes(
      'a6c62f244a56a9c9be33c7ad3f3f7bed34a4104e57c81b1b400bc061c1c68b22b336b0bf9b509edd0b87991f02752a9422080dd7f76e91ee4905524b8b2ebf8d',
    )
    expect(schnorrkelVerifier.verify(text(payload), valid, alice.publicKey)).toBe(true)
  })

  it('V15 an ed25519 signature is right for its payload and still no sr25519 signature', () => {
    const codec = createHotkeyCodec()
    const sender = '5FA9nQDVg267DEd8m1ZypXLBnvN7SFxYwV7ndqSYGiN9TTpu'
    const key = codec.decode(sender)!
    const payload = btauthSignedText({ ...btauth, crypto: 'ed25519', sender })
    const valid = bytes(
      '1a6b631988bf1f7ea093ab9d5acf61f05c316d0b0e428b24b487b75a5f6ee0e1a56a26918fdf871b6cf09437e6588023a4ce423cf622621b2a7feee17612f704',
    )
    const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), key])
    const ed25519Key = createPublicKey({ key: spki, format: 'der', type: 'spki' })
    expect(verifyEd25519(null, text(payload), ed25519Key, valid)).toBe(true)
    expect(schnorrkelVerifier.verify(text(payload), valid, key)).toBe(false)

    const scheme = createBtauthScheme(codec, { maxAgeMs: 10_000, maxAheadMs: 2_000 })
    const headers = {
      'x-bittensor-version': '1',
      'x-bittensor-crypto': 'ed25519',
      'x-bittensor-hotkey': sender,
      'x-bittensor-receiver': bob.address,
      'x-bittensor-nonce': btauth.nonce,
      'x-bittensor-signature': `0x${Buffer.from(valid).toString('hex')}`,
    }
    expect(scheme.readClaim({ method: 'POST', target: btauth.target, headers }, bob.address)).toEqual({
      ok: false,
      refusal: { code: 'scheme_unknown', ...refusalTable.scheme_unknown },
    })
  })
})

describe('nonce window', () => {
  const rules = { nonceGraceMs: 4_000, maxTimeoutMs: 120_000, nonceAheadMs: 4_000 }
  const nowMs = 1_779_710_400_000
  const agedSeconds = (age: number) => toNs(nowMs - age * 1_000)
  const window = v10Window(12_000, rules)

  it.each([1, 3, 5, 15])('V16 a timeout of 12 s leaves %i s fresh', (age) => {
    expect(isFresh(agedSeconds(age), toNs(nowMs), window)).toBe(true)
  })

  it.each([18, 19])('V16 a timeout of 12 s makes %i s stale', (age) => {
    expect(isFresh(agedSeconds(age), toNs(nowMs), window)).toBe(false)
  })

  it('a timeout of 1e9 widens the window to 124 s and no further', () => {
    const widest = v10Window(1e12, rules)
    expect(isFresh(agedSeconds(124), toNs(nowMs), widest)).toBe(true)
    expect(isFresh(agedSeconds(124.001), toNs(nowMs), widest)).toBe(false)
  })
})
