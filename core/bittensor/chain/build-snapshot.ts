import type { AxonRecord } from './axon-record.ts'
import { formatIp } from './ip-address.ts'
import type { MetagraphSnapshot, Neuron } from './metagraph.ts'
import { columnFields } from './metagraph-layout.ts'
import type { ScaleValue } from './scale.ts'

export type SnapshotResult =
  | { readonly ok: true; readonly snapshot: MetagraphSnapshot }
  | { readonly ok: false; readonly reason: string }

export interface SnapshotOrigin {
  readonly netuid: number
  readonly genesisHash: string
  readonly specVersion: number
  readonly takenAtMs: number
  /** SS58 of a public key. */
  readonly addressOf: (publicKey: Uint8Array) => string
}

const raoPerTao = 1e9
/** Incentives and dividends are 16-bit shares. */
const wholeShare = 65_535

/** A decoded metagraph is a set of columns; each must have one row per uid. */
export function buildSnapshot(decoded: ScaleValue, origin: SnapshotOrigin): SnapshotResult {
  if (decoded === undefined) return rejected(`the chain knows no subnet ${origin.netuid}`)
  const fields = decoded as Readonly<Record<string, ScaleValue>>
  const block = asCount(fields['block'])
  const hotkeys = fields['hotkeys']
  if (block === undefined) return rejected('the block number is missing')
  if (!isColumn(hotkeys)) return rejected('the hotkeys are missing')
  if (hotkeys.length === 0) return rejected('it holds no neurons')
  const promised = asCount(fields['num_uids'])
  if (promised !== undefined && promised !== hotkeys.length) {
    return rejected(`it holds ${hotkeys.length} of ${promised} hotkeys`)
  }
  const columns: Record<string, readonly ScaleValue[]> = {}
  for (const name of columnFields) {
    const column = fields[name]
    if (!isColumn(column)) return rejected(`${name} is missing`)
    if (column.length !== hotkeys.length) {
      return rejected(`${name} has ${column.length} rows for ${hotkeys.length} hotkeys`)
    }
    columns[name] = column
  }
  const neurons = hotkeys.map((_, uid) => toNeuron(uid, (name) => columns[name]![uid], origin.addressOf))
  if (new Set(neurons.map((neuron) => neuron.hotkey)).size !== neurons.length) {
    return rejected('a hotkey appears twice')
  }
  const { netuid, genesisHash, specVersion, takenAtMs } = origin
  return { ok: true, snapshot: { netuid, genesisHash, specVersion, block, takenAtMs, neurons } }
}

type Cell = (name: (typeof columnFields)[number]) => ScaleValue

function toNeuron(uid: number, cell: Cell, addressOf: (publicKey: Uint8Array) => string): Neuron {
  const axon = cell('axons') as unknown as Pick<AxonRecord, 'ip' | 'port' | 'block'> & { ip_type: number }
  return {
    uid,
    hotkey: addressOf(cell('hotkeys') as Uint8Array),
    coldkey: addressOf(cell('coldkeys') as Uint8Array),
    stakeTao: Number(cell('total_stake')) / raoPerTao,
    alphaStakeTao: Number(cell('alpha_stake')) / raoPerTao,
    taoStakeTao: Number(cell('tao_stake')) / raoPerTao,
    hasPermit: cell('validator_permit') === true,
    axonIp: formatIp({ family: axon.ip_type === 6 ? 6 : 4, value: BigInt(axon.ip) }),
    axonPort: axon.port,
    axonBlock: Number(axon.block),
    lastUpdateBlock: Number(cell('last_update')),
    registeredAtBlock: Number(cell('block_at_registration')),
    emissionAlpha: Number(cell('emission')) / raoPerTao,
    incentive: Number(cell('incentives')) / wholeShare,
    dividends: Number(cell('dividends')) / wholeShare,
  }
}

function isColumn(value: ScaleValue): value is readonly ScaleValue[] {
  return Array.isArray(value)
}

function asCount(value: ScaleValue): number | undefined {
  return typeof value === 'number' ? value : undefined
}

function rejected(reason: string): SnapshotResult {
  return { ok: false, reason }
}
