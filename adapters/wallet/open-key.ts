import { createDecipheriv, createHmac, pbkdf2, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { naclDecrypt } from '@polkadot/util-crypto'
import { argon2i } from 'hash-wasm'
import type { KeyEncryption } from '#core/bittensor/wallet/key-encryption'
import { WalletError } from '#core/bittensor/wallet/wallet-error'

const deriveKey = promisify(pbkdf2)

/**
 * Decrypts a key file. Throws WALLET_PASSWORD_WRONG when the password is wrong, WALLET_KEY_INVALID when the file is
 * cut.
 */
export async function openKey(content: Buffer, encryption: KeyEncryption, password: string): Promise<Buffer> {
  switch (encryption) {
    case 'none':
      return content
    case 'nacl':
      return openNacl(content, password)
    case 'ansible-vault':
      return openAnsibleVault(content, password)
    case 'fernet':
      return openFernet(content, password)
  }
}

// libsodium's argon2i "sensitive" constants: 8 passes over 512 MiB. The salt is the same for all wallets.
const naclSalt = Buffer.from('137183dff15a09bc9c90b5518739e9b1', 'hex')
const naclPasses = 8
const naclMemoryKib = 524_288

/** `$NACL`, nonce (24), XSalsa20-Poly1305 box. Takes some seconds and half a gigabyte, once. */
async function openNacl(content: Buffer, password: string): Promise<Buffer> {
  // Checked before the key is derived: a cut file should not take five seconds.
  if (content.length <= 45) throw cut('$NACL')
  return openNaclBox(content, await naclKey(password))
}

export function openNaclBox(content: Buffer, key: Uint8Array): Buffer {
  const opened = naclDecrypt(content.subarray(29), content.subarray(5, 29), key)
  if (opened === null) throw wrongPassword()
  return Buffer.from(opened)
}

export async function naclKey(password: string): Promise<Uint8Array> {
  return argon2i({
    password,
    salt: naclSalt,
    iterations: naclPasses,
    memorySize: naclMemoryKib,
    parallelism: 1,
    hashLength: 32,
    outputType: 'binary',
  })
}

const vaultIterations = 10_000

/** Ansible vault 1.1 and 1.2: AES-256-CTR under HMAC-SHA256, hex armour around three hex lines. */
async function openAnsibleVault(content: Buffer, password: string): Promise<Buffer> {
  const [header = '', ...lines] = content.toString('latin1').split(/\r?\n/)
  const [, version, cipherName] = header.split(';')
  if ((version !== '1.1' && version !== '1.2') || cipherName?.trim() !== 'AES256') {
    throw new WalletError('WALLET_KEY_UNSUPPORTED', 'The key file is an Ansible vault of an unknown version or cipher.')
  }
  const [salt, mac, box] = Buffer.from(lines.join('').trim(), 'hex')
    .toString('latin1')
    .split('\n')
    .map((line) => Buffer.from(line, 'hex'))
  if (salt === undefined || mac?.length !== 32 || box === undefined || box.length === 0 || box.length % 16 !== 0) {
    throw cut('Ansible vault')
  }
  const keys = await deriveKey(password, salt, vaultIterations, 80, 'sha256')
  if (!timingSafeEqual(createHmac('sha256', keys.subarray(32, 64)).update(box).digest(), mac)) throw wrongPassword()
  const decipher = createDecipheriv('aes-256-ctr', keys.subarray(0, 32), keys.subarray(64, 80))
  return withoutPadding(Buffer.concat([decipher.update(box), decipher.final()]))
}

function withoutPadding(padded: Buffer): Buffer {
  const count = padded.at(-1) ?? 0
  if (count < 1 || count > 16 || count > padded.length) throw cut('Ansible vault')
  return padded.subarray(0, padded.length - count)
}

const fernetSalt = 'Iguesscyborgslikemyselfhaveatendencytobeparanoidaboutourorigins'
const fernetIterations = 10_000_000

/** The oldest form: a Fernet token, AES-128-CBC under HMAC-SHA256. */
async function openFernet(content: Buffer, password: string): Promise<Buffer> {
  const token = Buffer.from(content.toString('latin1').trim(), 'base64url')
  // version (1), time (8), iv (16), box (n x 16), mac (32)
  const box = token.subarray(25, -32)
  if (token[0] !== 0x80 || token.length < 73 || box.length % 16 !== 0) throw cut('Fernet')
  const key = await fernetKey(password)
  const mac = createHmac('sha256', key.subarray(0, 16)).update(token.subarray(0, -32)).digest()
  if (!timingSafeEqual(mac, token.subarray(-32))) throw wrongPassword()
  const decipher = createDecipheriv('aes-128-cbc', key.subarray(16), token.subarray(9, 25))
  return Buffer.concat([decipher.update(box), decipher.final()])
}

export async function fernetKey(password: string): Promise<Buffer> {
  return deriveKey(password, fernetSalt, fernetIterations, 32, 'sha256')
}

function wrongPassword(): WalletError {
  return new WalletError('WALLET_PASSWORD_WRONG', 'The password does not open the hotkey file.')
}

function cut(kind: string): WalletError {
  return new WalletError('WALLET_KEY_INVALID', `The encrypted key file (${kind}) is cut or damaged.`)
}
