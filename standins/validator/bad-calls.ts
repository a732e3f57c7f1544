import { refusalTable } from '#core/bittensor/admission/refusals'
import { synthRefusals } from '#core/synth/prompts/synth-refusals'
import { type Call, type CallFacts, type PromptFields, simulationCall } from './simulation-call.ts'

/** Every refusal that a Synth miner may answer with. */
export const minerRefusals = { ...refusalTable, ...synthRefusals }

export const badKinds = [
  'unsigned',
  'forged',
  'replayed',
  'wrong receiver',
  'old nonce',
  'stranger',
  'no permit',
  'broken body',
  'unknown asset',
  'a billion paths',
  'start in the past',
] as const

export type BadKind = (typeof badKinds)[number]

/** A request that must be refused, and the expected code. */
export interface BadCall {
  readonly kind: BadKind
  readonly expected: keyof typeof minerRefusals
  readonly call: Call
}

export interface BadCallParts {
  /** A correct prompt. */
  readonly prompt: PromptFields
  /** A request that was answered already. */
  readonly answered: Call
  /** New facts of a correct request: every nonce is above the last one. */
  readonly facts: () => CallFacts
  /** Registered nowhere. */
  readonly stranger: CallFacts['signer']
  /** Registered, but not a validator. */
  readonly neighbour: CallFacts['signer']
}

const tenMinutesNs = 600_000_000_000n

/** One of each. Each has a single fault: everything else about the request is correct. */
export function badCalls({ prompt, answered, facts, stranger, neighbour }: BadCallParts): BadCall[] {
  const honest = () => simulationCall(prompt, facts())
  const asking = (changes: Partial<PromptFields>) => simulationCall({ ...prompt, ...changes }, facts())
  const old = facts()
  return [
    { kind: 'unsigned', expected: 'sig_missing', call: withoutHeader(honest(), 'bt_header_dendrite_signature') },
    { kind: 'forged', expected: 'sig_invalid', call: forged(honest()) },
    { kind: 'replayed', expected: 'nonce_replayed', call: answered },
    {
      kind: 'wrong receiver',
      expected: 'wrong_receiver',
      call: simulationCall(prompt, { ...facts(), receiver: stranger.address }),
    },
    {
      kind: 'old nonce',
      expected: 'nonce_window',
      call: simulationCall(prompt, { ...old, nonceNs: old.nonceNs - tenMinutesNs }),
    },
    { kind: 'stranger', expected: 'unregistered', call: simulationCall(prompt, { ...facts(), signer: stranger }) },
    { kind: 'no permit', expected: 'no_permit', call: simulationCall(prompt, { ...facts(), signer: neighbour }) },
    { kind: 'broken body', expected: 'bad_json', call: { ...honest(), body: honest().body.slice(0, -40) } },
    { kind: 'unknown asset', expected: 'unknown_asset', call: asking({ asset: 'TULIPS' }) },
    { kind: 'a billion paths', expected: 'bad_param', call: asking({ pathCount: 1_000_000_000 }) },
    {
      kind: 'start in the past',
      expected: 'bad_start_time',
      call: asking({ startAtSeconds: prompt.startAtSeconds - 3_600 }),
    },
  ]
}

function withoutHeader({ headers, body }: Call, name: string): Call {
  return { headers: Object.fromEntries(Object.entries(headers).filter(([header]) => header !== name)), body }
}

/** A correct signature with one digit changed. */
function forged({ headers, body }: Call): Call {
  const signature = headers['bt_header_dendrite_signature'] ?? ''
  const digit = signature.at(40) === '0' ? '1' : '0'
  return {
    headers: { ...headers, bt_header_dendrite_signature: signature.slice(0, 40) + digit + signature.slice(41) },
    body,
  }
}
