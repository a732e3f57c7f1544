import { emptyBodyHash } from '#core/bittensor/admission/body-hash'
import { v10SignedText } from '#core/bittensor/admission/v10-scheme'
import type { HotkeySigner } from '#core/bittensor/wallet/hotkey-signer'
import { startTimeText } from '#core/synth/prompts/start-time'

/** What a validator asks for, in our own types. */
export interface PromptFields {
  readonly asset: string
  readonly startAtSeconds: number
  readonly stepSeconds: number
  readonly timeLengthSeconds: number
  readonly pathCount: number
}

/** One POST, ready to be sent. */
export interface Call {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface CallFacts {
  readonly signer: Pick<HotkeySigner, 'address' | 'sign'>
  /** Address of the miner. */
  readonly receiver: string
  readonly nonceNs: bigint
  readonly uuid: string
  readonly timeoutSeconds: number
}

/** The request of a Synth validator as its SDK (up to version 10) sends it: only the headers are signed. */
export function simulationCall(prompt: PromptFields, facts: CallFacts): Call {
  const { signer, receiver, uuid } = facts
  const nonce = String(facts.nonceNs)
  const body = simulationBody(prompt, facts.timeoutSeconds)
  const signed = v10SignedText({ nonce, sender: signer.address, receiver, uuid, bodyHash: emptyBodyHash })
  const signature = signer.sign(new TextEncoder().encode(signed))
  return {
    body,
    headers: {
      name: 'Simulation',
      timeout: facts.timeoutSeconds.toFixed(6),
      bt_header_axon_ip: '127.0.0.1',
      bt_header_axon_hotkey: receiver,
      bt_header_dendrite_ip: '127.0.0.1',
      bt_header_dendrite_version: '10000001',
      bt_header_dendrite_nonce: nonce,
      bt_header_dendrite_uuid: uuid,
      bt_header_dendrite_hotkey: signer.address,
      bt_header_dendrite_signature: `0x${Buffer.from(signature).toString('hex')}`,
      bt_header_input_obj_simulation_input: 'e30=',
      header_size: '464',
      total_size: String(464 + body.length),
      computed_body_hash: emptyBodyHash,
      'content-type': 'application/json',
    },
  }
}

/** Everything is null except the prompt, as in a dumped synapse. */
function simulationBody(prompt: PromptFields, timeoutSeconds: number): string {
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
    timeout: timeoutSeconds,
    total_size: 0,
    header_size: 0,
    dendrite: nobody,
    axon: nobody,
    computed_body_hash: '',
    simulation_input: {
      asset: prompt.asset,
      start_time: startTimeText(prompt.startAtSeconds),
      time_increment: prompt.stepSeconds,
      time_length: prompt.timeLengthSeconds,
      num_simulations: prompt.pathCount,
    },
    simulation_output: null,
  })
}
