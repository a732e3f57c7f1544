import { blake2AsU8a, encodeAddress, sr25519Verify } from '@polkadot/util-crypto'
import type { MockChain } from './mock-chain.ts'
import type { MockRuntime } from './runtime.ts'
import { littleEndian } from './scale-bytes.ts'
import type { MockAxon } from './subnet.ts'

/** A signed transaction taken apart by the layout of the protocol document, without the client library. */
export interface ParsedExtrinsic {
  readonly signer: string
  readonly nonce: number
  readonly call: ServeCall | undefined
  readonly isSignedForThisChain: boolean
}

export interface ServeCall extends Omit<MockAxon, 'block'> {
  readonly netuid: number
}

export function parseExtrinsic(hex: string, chain: MockChain, runtime: MockRuntime): ParsedExtrinsic {
  const bytes = Buffer.from(hex.slice(2), 'hex')
  let at = 0
  const take = (count: number): Buffer => {
    at += count
    return bytes.subarray(at - count, at)
  }
  const compactNumber = (): number => {
    const mode = bytes[at]! & 3
    return take(2 ** mode).readUIntLE(0, 2 ** mode) >>> 2
  }
  compactNumber()
  if (take(1)[0] !== 0x84 || take(1)[0] !== 0) throw new Error('not a signed transaction of version 4')
  const publicKey = take(32)
  if (take(1)[0] !== 1) throw new Error('not signed with sr25519')
  const signature = take(64)
  const extraFrom = at
  const era = take(bytes[at] === 0 ? 1 : 2)
  const nonce = compactNumber()
  compactNumber() // the tip, which the client library forgets without help
  take(1) // the mode of CheckMetadataHash
  const extra = bytes.subarray(extraFrom, at)
  const call = bytes.subarray(at)
  const payload = Buffer.concat([
    call,
    extra,
    littleEndian(runtime.specVersion, 4),
    littleEndian(runtime.transactionVersion, 4),
    Buffer.from(chain.genesisHash.slice(2), 'hex'),
    Buffer.from(birthHash(era, chain).slice(2), 'hex'),
    Buffer.from([0]),
  ])
  const message = payload.length > 256 ? blake2AsU8a(payload, 256) : payload
  return {
    signer: encodeAddress(publicKey, 42),
    nonce,
    call: parseServeCall(call),
    isSignedForThisChain: sr25519Verify(message, signature, publicKey),
  }
}

/** A mortal transaction names the block in which its life began by that block's hash. */
function birthHash(era: Buffer, chain: MockChain): string {
  if (era.length === 1) return chain.genesisHash
  const encoded = era.readUInt16LE(0)
  const period = 2 << (encoded & 15)
  const phase = (encoded >> 4) * Math.max(1, period >> 12)
  const current = chain.best.number
  const birth = Math.floor((Math.max(current, phase) - phase) / period) * period + phase
  return chain.byNumber(birth)?.hash ?? chain.genesisHash
}

function parseServeCall(call: Buffer): ServeCall | undefined {
  if (call.length !== 30 || call[0] !== 7 || call[1] !== 4) return undefined
  return {
    netuid: call.readUInt16LE(2),
    version: call.readUInt32LE(4),
    ip: call.readBigUInt64LE(8) | (call.readBigUInt64LE(16) << 64n),
    port: call.readUInt16LE(24),
    ipType: call.readUInt8(26),
    protocol: call.readUInt8(27),
    placeholder1: call.readUInt8(28),
    placeholder2: call.readUInt8(29),
  }
}

export type PoolVerdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly custom: number }
  | { readonly ok: false; readonly word: 'stale' | 'badProof' }

/** The refusals that the real runtime gave, in its order. */
export function judgeServe(
  extrinsic: ParsedExtrinsic,
  situation: {
    netuid: number
    isRegistered: boolean
    nextNonce: number
    block: number
    previous: MockAxon | undefined
    rateLimitBlocks: number
  },
): PoolVerdict {
  const { call } = extrinsic
  if (!extrinsic.isSignedForThisChain) return { ok: false, word: 'badProof' }
  if (extrinsic.nonce < situation.nextNonce) return { ok: false, word: 'stale' }
  if (call === undefined) return { ok: false, custom: 255 }
  if (call.netuid !== situation.netuid || !situation.isRegistered) return { ok: false, custom: 10 }
  if (call.ipType !== 4 && call.ipType !== 6) return { ok: false, custom: 255 }
  if (!isAllowedIp(call)) return { ok: false, custom: 11 }
  const { previous, block, rateLimitBlocks } = situation
  if (previous !== undefined && block - previous.block < rateLimitBlocks) return { ok: false, custom: 12 }
  if (call.port === 0) return { ok: false, custom: 13 }
  return { ok: true }
}

function isAllowedIp({ ip, ipType }: ServeCall): boolean {
  if (ipType === 4) return ip !== 0x7f000001n && ip < 0xffffffffn
  return ip > 1n && ip < (1n << 128n) - 1n
}
