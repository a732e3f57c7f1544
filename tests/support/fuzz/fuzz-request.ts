import { emptyBodyHash } from '#core/bittensor/admission/body-hash'
import { v10SignedText } from '#core/bittensor/admission/v10-scheme'
import type { TestHotkey } from '../hotkeys.ts'
import { defaultUuid, isoSeconds, promptBody } from '../validator-request.ts'
import type { Dice } from './dice.ts'

/** A request under construction; what was signed is kept, so that the judge need not do any cryptography. */
export interface FuzzRequest {
  method: string
  path: string
  headers: Record<string, string>
  body: Buffer
  readonly signer: string
  readonly signedText: string
  readonly signature: string
  /** Names of the mutations, none for an honest request. */
  readonly changes: string[]
}

export interface FuzzWorld {
  readonly nowMs: number
  readonly receiver: string
  readonly senders: readonly TestHotkey[]
  /** Nonces that were taken lately, for replays. */
  readonly recentNonces: readonly bigint[]
  nextNonce(): bigint
}

const uuids = [defaultUuid, 'second-lane', 'third-lane']

export function honestRequest(world: FuzzWorld, sender: TestHotkey, dice: Dice): FuzzRequest {
  const roll = dice.below(10)
  const nonceNs =
    roll === 0 && world.recentNonces.length > 0
      ? dice.pick(world.recentNonces) + BigInt(dice.below(3) - 1)
      : roll === 1
        ? world.nextNonce() + BigInt(dice.below(400) - 200) * 1_000_000_000n
        : world.nextNonce()
  return signedRequest(world, sender, nonceNs, dice, roll < 2 ? ['nonce'] : [])
}

function signedRequest(
  world: FuzzWorld,
  sender: TestHotkey,
  nonceNs: bigint,
  dice: Dice,
  changes: string[],
): FuzzRequest {
  const uuid = dice.chance(0.2) ? `lane-${dice.below(1e9)}` : dice.pick(uuids)
  const receiver = world.receiver
  const nonce = String(nonceNs)
  const signedText = v10SignedText({ nonce, sender: sender.address, receiver, uuid, bodyHash: emptyBodyHash })
  const signature = `0x${Buffer.from(sender.sign(signedText)).toString('hex')}`
  return {
    method: 'POST',
    path: '/Simulation',
    headers: {
      name: 'Simulation',
      timeout: '51.234567',
      bt_header_axon_ip: '203.0.113.10',
      bt_header_axon_port: '8091',
      bt_header_axon_hotkey: receiver,
      bt_header_dendrite_ip: '203.0.113.9',
      bt_header_dendrite_version: '10000001',
      bt_header_dendrite_nonce: nonce,
      bt_header_dendrite_uuid: uuid,
      bt_header_dendrite_hotkey: sender.address,
      bt_header_dendrite_signature: signature,
      bt_header_input_obj_simulation_input: 'e30=',
      header_size: '464',
      total_size: '3869',
      computed_body_hash: emptyBodyHash,
      'content-type': 'application/json',
    },
    body: Buffer.from(promptBody({ start_time: isoSeconds(world.nowMs + 58_000), num_simulations: 1 + dice.below(3) })),
    signer: sender.address,
    signedText,
    signature,
    changes,
  }
}
