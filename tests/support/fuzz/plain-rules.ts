import { daySeconds } from '#core/base/time/units'
import type { FuzzRequest } from './fuzz-request.ts'

/** What the judge knows of the world: written by the fuzzer, not asked of the axon. */
export interface JudgeWorld {
  readonly nowMs: number
  readonly receiver: string
  readonly isRegisteredOurselves: boolean
  readonly senders: ReadonlyMap<string, { readonly stakeTao: number; readonly hasPermit: boolean }>
  readonly minStakeTao: number
  readonly assets: ReadonlySet<string>
  /** Greatest nonce answered, by sender and uuid. */
  readonly answered: ReadonlyMap<string, bigint>
}

/**
 * The rules of the axon told once more, in one piece and with other means: the reason why the request must not be
 * answered with a forecast, or undefined when it may be. It need not name the same reason as the axon.
 */
export function whyRefuse(request: FuzzRequest, world: JudgeWorld): string | undefined {
  const header = (name: string) => request.headers[name]
  if (request.method !== 'POST' || request.path.split('?')[0] !== '/Simulation') return 'not our route'
  if (header('upgrade') !== undefined) return 'upgrade'
  if (!/100-continue/i.test(header('expect') ?? '100-continue')) return 'expectation'
  if (![undefined, 'identity'].includes(header('content-encoding'))) return 'coded body'
  if (header('x-bittensor-version') !== undefined) return 'other scheme'
  if (!world.isRegisteredOurselves) return 'we are not registered'

  const hotkey = header('bt_header_dendrite_hotkey') ?? ''
  const nonce = header('bt_header_dendrite_nonce') ?? ''
  const uuid = header('bt_header_dendrite_uuid') ?? ''
  const bodyHash = header('computed_body_hash') ?? ''
  const text = [nonce, hotkey, world.receiver, uuid, bodyHash].join('.')
  if (text !== request.signedText || hotkey !== request.signer) return 'not what was signed'
  const signature = header('bt_header_dendrite_signature') ?? ''
  if (!signature.startsWith('0x') || signature.toLowerCase() !== request.signature) return 'not the signature'
  if (header('bt_header_axon_hotkey') !== undefined && header('bt_header_axon_hotkey') !== world.receiver)
    return 'receiver'

  const neuron = world.senders.get(hotkey)
  if (neuron === undefined || !neuron.hasPermit || neuron.stakeTao < world.minStakeTao) return 'not admitted'

  const timeout = header('timeout') ?? '12'
  if (!/^[0-9.]+(e[+-]?[0-9]+)?$/i.test(timeout) || Number.isNaN(Number(timeout))) return 'timeout'
  const ageMs = world.nowMs - Number(BigInt(nonce) / 1_000_000n)
  if (ageMs > 4_001 + 1_000 * Math.min(Number(timeout), 120) || ageMs < -30_001) return 'window'
  const answered = world.answered.get(`${hotkey}:${uuid}`)
  if (answered !== undefined && BigInt(nonce) <= answered) return 'replayed'
  return whyRefuseBody(request.body, world)
}

function whyRefuseBody(body: Buffer, world: JudgeWorld): string | undefined {
  if (body.length > 65_536) return 'too large'
  let value: unknown
  try {
    value = JSON.parse(body.toString())
  } catch {
    return 'not JSON'
  }
  if (typeof value !== 'object' || value === null) return 'not an object'
  const outer = value as Record<string, unknown>
  const prompt = (Object.hasOwn(outer, 'simulation_input') ? outer['simulation_input'] : outer) as Record<
    string,
    unknown
  > | null
  if (typeof prompt !== 'object' || prompt === null) return 'no prompt'
  const { asset, start_time: start, time_increment: step, time_length: length, num_simulations: count } = prompt
  if (typeof asset !== 'string' || !world.assets.has(asset)) return 'asset'
  if (typeof start !== 'string') return 'start'
  const atMs = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/.test(start) ? start : `${start}Z`)
  if (Number.isNaN(atMs) || atMs % 1_000 !== 0) return 'start'
  if (atMs - world.nowMs > 3_600_000 || atMs - world.nowMs < -5_000) return 'start'
  for (const number of [step, length, count]) if (!Number.isInteger(number) || (number as number) < 1) return 'size'
  if ((length as number) > 7 * daySeconds) return 'size'
  const points = (length as number) / (step as number) + 1
  if (!Number.isInteger(points) || points < 2 || (count as number) > 1_000 || points * (count as number) > 300_000)
    return 'size'
  return undefined
}
