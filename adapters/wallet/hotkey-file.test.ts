import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sr25519Verify } from '@polkadot/util-crypto'
import { describe, expect, it } from 'vitest'
import { AppError } from '#core/base/errors/app-error'
import type { PasswordSource } from '#core/bittensor/wallet/hotkey-wallet'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { HotkeyFile } from './hotkey-file.ts'
import { askedPassword, environmentPasswords, filePassword, firstPassword } from './password-sources.ts'

const fixtures = join(import.meta.dirname, '..', '..', 'tests', 'support', 'fixtures', 'wallet')
const aliceAddress = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY'
const aboutAddress = '5EPCUjPxiHAcNooYipQFWr9NmmXJKpNG5RhcntXwbtUySrgH'
const noPassword: PasswordSource = { find: async () => undefined }

function aKeyFile(content: string | { fixture: string }, mode = 0o600): string {
  const folder = join(temporaryFolder(), 'wallets', 'dev', 'hotkeys')
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'key')
  if (typeof content === 'string') writeFileSync(path, content)
  else copyFileSync(join(fixtures, content.fixture), path)
  chmodSync(path, mode)
  return path
}

const open = (path: string, options: { passwords?: PasswordSource; allowOpenFile?: boolean } = {}) =>
  new HotkeyFile(
    { passwords: options.passwords ?? noPassword },
    { path, allowOpenFile: options.allowOpenFile ?? false },
  )

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (error) {
    if (error instanceof AppError) return error.code
    throw error
  }
  return 'accepted'
}

describe('HotkeyFile.unlock', () => {
  it.each([
    ['a private key (the x8 trap)', 'alice-uri', aliceAddress],
    ['a seed', 'alice-seed', aliceAddress],
    ['a mnemonic', 'phrase', aboutAddress],
  ])('signs verifiably with %s as the wallet library writes it', async (_, fixture, address) => {
    const signer = await open(aKeyFile({ fixture })).unlock()
    expect(signer.address).toBe(address)
    const message = new TextEncoder().encode('a message')
    const signature = signer.sign(message)
    expect(sr25519Verify(message, signature, signer.publicKey)).toBe(true)
    expect(sr25519Verify(new TextEncoder().encode('another'), signature, signer.publicKey)).toBe(false)
  })

  it('opens a $NACL file of the wallet library with the password of its variable', { timeout: 120_000 }, async () => {
    const path = aKeyFile({ fixture: 'phrase-nacl' })
    const variable = `BT_PW_${path.replace(/[/.]/g, '_').toUpperCase()}`
    const hidden = Buffer.from('golden-test-password').map((byte, i) => byte ^ variable.charCodeAt(i % variable.length))
    const passwords = environmentPasswords({
      [variable]: Buffer.from(hidden).toString('base64'),
      BT_WALLET_PASSWORD: 'another',
    })
    expect((await open(path, { passwords }).unlock()).address).toBe(aboutAddress)
  })

  it('asks the sources in order and stops at the first answer', async () => {
    const path = aKeyFile({ fixture: 'alice-ansible' })
    const passwordFile = aKeyFile('golden-test-password\nsecond line')
    const asked: string[] = []
    const passwords = firstPassword([
      environmentPasswords({}),
      filePassword(passwordFile, { allowOpenFile: false }),
      askedPassword(async (question) => {
        asked.push(question)
        return 'wrong'
      }),
    ])
    expect((await open(path, { passwords }).unlock()).address).toBe(aliceAddress)
    expect(asked).toEqual([])
  })

  it('says which variable would hold a missing password, and that a wrong one is wrong', async () => {
    const path = aKeyFile({ fixture: 'alice-ansible' })
    await expect(open(path).unlock()).rejects.toMatchObject({
      code: 'WALLET_PASSWORD_MISSING',
      hint: expect.stringContaining('BT_PW_') as string,
    })
    const passwords = environmentPasswords({ BT_WALLET_PASSWORD: 'wrong' })
    expect(await codeOf(open(path, { passwords }).unlock())).toBe('WALLET_PASSWORD_WRONG')
  })

  it.each(['604', '640', '644', '660', '610'])('refuses mode %s unless told otherwise', async (mode) => {
    const path = aKeyFile({ fixture: 'alice-uri' }, Number.parseInt(mode, 8))
    expect(await codeOf(open(path).unlock())).toBe('WALLET_FILE_OPEN_TO_OTHERS')
    expect(await codeOf(open(path, { allowOpenFile: true }).unlock())).toBe('accepted')
  })

  it('holds the password file to the same rule', async () => {
    const path = aKeyFile({ fixture: 'alice-ansible' })
    const passwords = filePassword(aKeyFile('golden-test-password', 0o644), { allowOpenFile: false })
    expect(await codeOf(open(path, { passwords }).unlock())).toBe('WALLET_FILE_OPEN_TO_OTHERS')
  })

  it('refuses a secret that belongs to another address or public key than the file says', async () => {
    const seed = '0xe5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a'
    const other = { ss58Address: aboutAddress, secretSeed: seed }
    expect(await codeOf(open(aKeyFile(JSON.stringify(other))).unlock())).toBe('WALLET_ADDRESS_MISMATCH')
    const key = { ss58Address: aliceAddress, secretSeed: seed, publicKey: `0x${'11'.repeat(32)}` }
    expect(await codeOf(open(aKeyFile(JSON.stringify(key))).unlock())).toBe('WALLET_ADDRESS_MISMATCH')
    const broken = { ss58Address: `${aliceAddress.slice(0, -1)}Z`, secretSeed: seed }
    expect(await codeOf(open(aKeyFile(JSON.stringify(broken))).unlock())).toBe('WALLET_KEY_INVALID')
  })

  it('takes an address of another prefix for the same key', async () => {
    const phrase = 'old leopard transfer rib spatial phone calm indicate online fire caution review'
    const document = { ss58Address: '16ADqpMa4yzfmWs3nuTSMhfZ2ckeGtvqhPWCNqECEGDcGgU2', secretPhrase: phrase }
    const signer = await open(aKeyFile(JSON.stringify(document))).unlock()
    expect(signer.address).toBe('5HDvhV6WDCjCKyrXqGQSDYqQAzkzabNhctmiDYEqgBC66BsX')
  })

  it.each([
    ['a mnemonic with a wrong checksum', 'abandon '.repeat(12), 'WALLET_KEY_INVALID'],
    ['a public file', JSON.stringify({ ss58Address: aliceAddress }), 'WALLET_KEY_UNSUPPORTED'],
    ['a file that is far too large', 'x'.repeat(70_000), 'WALLET_FILE_UNREADABLE'],
    ['an empty file', '', 'WALLET_KEY_INVALID'],
  ])('refuses %s', async (_, content, code) => {
    expect(await codeOf(open(aKeyFile(content)).unlock())).toBe(code)
  })

  it('names a missing file, and a folder in its place', async () => {
    const folder = temporaryFolder()
    expect(await codeOf(open(join(folder, 'none')).unlock())).toBe('WALLET_FILE_MISSING')
    const directory = join(folder, 'directory')
    mkdirSync(directory, { mode: 0o700 })
    expect(await codeOf(open(directory).unlock())).toBe('WALLET_FILE_UNREADABLE')
  })
})

describe('HotkeyFile.inspect', () => {
  it('tells address, kind and permissions without a password', async () => {
    const path = aKeyFile({ fixture: 'phrase-nacl' }, 0o644)
    copyFileSync(join(fixtures, 'phrase-naclpub.txt'), `${path}pub.txt`)
    expect(await open(path).inspect()).toEqual({
      path,
      encryption: 'nacl',
      mode: '644',
      isReadableByOthers: true,
      claimedAddress: aboutAddress,
    })
  })
  it('continues without the public file, and with a damaged one', async () => {
    const path = aKeyFile({ fixture: 'alice-fernet' })
    expect(await open(path).inspect()).toMatchObject({ encryption: 'fernet', claimedAddress: undefined })
    writeFileSync(`${path}pub.txt`, '{')
    expect(await open(path).inspect()).toMatchObject({ claimedAddress: undefined })
  })
})
