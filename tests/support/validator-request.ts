import { createHash } from 'node:crypto'
import { emptyBodyHash } from '#core/bittensor/admission/body-hash'
import { btauthSignedText } from '#core/bittensor/admission/btauth-scheme'
import { v10SignedText } from '#core/bittensor/admission/v10-scheme'
import type { TestHotkey } from './hotkeys.ts'

export interface V10RequestFacts {
  readonly sender: TestHotkey
  /** Address of the miner that the request is signed for. */
  readonly receiver: string
  readonly nonceNs: bigint
  readonly uuid?: string
  readonly timeout?: string
  readonly bodyHash?: string
}

export const defaultUuid = '5ecbd69c-1cec-11ee-b0dc-e29ce36fec1a'

/** The headers of a Synth validator's request, in the order and with the values of the real one. */
export function v10Headers(facts: V10RequestFacts): Record<string, string> {
  const { sender, receiver, nonceNs, uuid = defaultUuid, timeout = '51.234567', bodyHash = emptyBodyHash } = facts
  const nonce = String(nonceNs)
  const signed = v10SignedText({ nonce, sender: sender.address, receiver, uuid, bodyHash })
  return {
    name: 'Simulation',
    timeout,
    bt_header_axon_ip: '203.0.113.10',
    bt_header_axon_port: '8091',
    bt_header_axon_hotkey: receiver,
    bt_header_dendrite_ip: '203.0.113.9',
    bt_header_dendrite_version: '10000001',
    bt_header_dendrite_nonce: nonce,
    bt_header_dendrite_uuid: uuid,
    bt_header_dendrite_hotkey: sender.address,
    bt_header_dendrite_signature: `0x${Buffer.from(sender.sign(signed)).toString('hex')}`,
    bt_header_input_obj_simulation_input: 'e30=',
    header_size: '464',
    total_size: '3869',
    computed_body_hash: bodyHash,
    'content-type': 'application/json',
  }
}

export function btauthHeaders(facts: {
  readonly sender: TestHotkey
  readonly receiver: string
  readonly nonceNs: bigint
  readonly body: string
  readonly target?: string
}): Record<string, string> {
  const signed = btauthSignedText({
    crypto: 'sr25519',
    method: 'POST',
    target: facts.target ?? '/Simulation',
    bodySha256Hex: createHash('sha256').update(facts.body).digest('hex'),
    nonce: String(facts.nonceNs),
    sender: facts.sender.address,
    receiver: facts.receiver,
  })
  return {
    'x-bittensor-version': '1',
    'x-bittensor-hotkey': facts.sender.address,
    'x-bittensor-receiver': facts.receiver,
    'x-bittensor-nonce': String(facts.nonceNs),
    'x-bittensor-signature': `0x${Buffer.from(facts.sender.sign(signed)).toString('hex')}`,
    'content-type': 'application/json',
  }
}

export interface PromptFields {
  readonly asset: unknown
  readonly start_time: unknown
  readonly time_increment: unknown
  readonly time_length: unknown
  readonly num_simulations: unknown
}

/** The body as the Synth validator dumps it: everything null but the prompt. */
export function promptBody(prompt: Partial<PromptFields> & { readonly start_time: unknown }): string {
  const nobody = {
    status_code: null,
    status_message: null,
    process_time: null,
    ip: null,
    port: null,
    version: null,
    nonce: null,
    uuid: null,
    hotkey: null,
    signature: null,
  }
  return JSON.stringify({
    name: 'Simulation',
    timeout: 12,
    total_size: 3106,
    header_size: 0,
    dendrite: nobody,
    axon: nobody,
    computed_body_hash: '',
    simulation_input: { asset: 'BTC', time_increment: 60, time_length: 3600, num_simulations: 10, ...prompt },
    simulation_output: null,
  })
}

export function isoSeconds(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}+00:00`
}
