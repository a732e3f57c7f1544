import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { detectEncryption } from '#core/bittensor/wallet/key-encryption'
import { fernetKey, naclKey, openKey, openNaclBox } from './open-key.ts'

// Key derivation is slow on purpose: five seconds for NaCl, three for Fernet, more on a busy machine.
const slow = 120_000
const password = 'golden-test-password'
const fixture = (name: string) =>
  readFileSync(join(import.meta.dirname, '..', '..', 'tests', 'support', 'fixtures', 'wallet', name))
const alice = JSON.parse(fixture('alice-uri').toString()) as { ss58Address: string }

describe('$NACL', () => {
  it('derives the key that libsodium derives and opens the box made with it', { timeout: slow }, async () => {
    const key = await naclKey(password)
    expect(Buffer.from(key).toString('hex')).toBe('083d232ef88c7c088ff70b462d9f299d9c6ffb7d355616dcb2af19619cd91e0c')
    const box = Buffer.from(
      '244e41434c000102030405060708090a0b0c0d0e0f1011121314151617ebb0e33e647b80b5216a4d92626158cf22640583900283f7ca9a15c4' +
        'a085c0d64f701cb2914646a5868555870cb8a108882272c57d6f310aa502a49bee4b0a1ffc6af26abd47f6abe0e408fd6ce8dc62b3fe',
      'hex',
    )
    expect(detectEncryption(box)).toBe('nacl')
    expect(openNaclBox(box, key).toString()).toBe(`{"ss58Address":"${alice.ss58Address}"}`)
    box[40]! ^= 1
    expect(() => openNaclBox(box, key)).toThrow(/password does not open/)
  })
  it('refuses a cut file before it derives anything', async () => {
    const startedAt = performance.now()
    await expect(openKey(fixture('phrase-nacl').subarray(0, 45), 'nacl', password)).rejects.toThrow(/cut or damaged/)
    expect(performance.now() - startedAt).toBeLessThan(1_000)
  })
})

describe('Ansible vault', () => {
  it.each(['alice-ansible', 'alice-ansible-btwallet'])(
    'opens %s, as Ansible and the wallet library write it',
    async (name) => {
      const content = fixture(name)
      expect(detectEncryption(content)).toBe('ansible-vault')
      const opened = JSON.parse((await openKey(content, 'ansible-vault', password)).toString()) as {
        ss58Address: string
      }
      expect(opened.ss58Address).toBe(alice.ss58Address)
    },
  )
  it('tells a wrong password from a damaged file and from another version', async () => {
    const text = fixture('alice-ansible').toString()
    const open = (changed: string, word = password) => openKey(Buffer.from(changed), 'ansible-vault', word)
    await expect(open(text, 'wrong')).rejects.toThrow(/password does not open/)
    await expect(open(text.slice(0, 300))).rejects.toThrow(/cut or damaged/)
    await expect(open(text.replace('1.1', '1.0'))).rejects.toThrow(/unknown version/)
    await expect(open(text.replace('1.1;AES256', '1.2;AES256;label'))).resolves.toBeDefined()
  })
})

describe('Fernet', () => {
  it('derives the legacy key and opens a token of the reference library', { timeout: slow }, async () => {
    expect((await fernetKey(password)).toString('base64url')).toBe('4wAT5QqmcI040hk6qzEOcH8ayd9E1Dq2AM6u9UOgMYo')
    const content = fixture('alice-fernet')
    expect(detectEncryption(content)).toBe('fernet')
    const opened = await openKey(content, 'fernet', password)
    expect((JSON.parse(opened.toString()) as { ss58Address: string }).ss58Address).toBe(alice.ss58Address)
  })
  it('refuses a cut token', async () => {
    await expect(openKey(fixture('alice-fernet').subarray(0, 61), 'fernet', password)).rejects.toThrow(/cut or damaged/)
  })
})
