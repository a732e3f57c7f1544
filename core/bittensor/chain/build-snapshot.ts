import { formatIp } from '../addresses/ip-address.ts'
import type { AxonRecord } from './axon-record.ts'
import type { MetagraphSnapshot, Neuron } from './metagraph.ts'
import { admissionColumns, otherColumns } from './metagraph-layout.ts'
import type { ScaleValue } from './scale.ts'

export type SnapshotResult =
  | {
      readonly ok: true
      readonly snapshot: MetagraphSnapshot
      /** Names of fields that this runtime does not have, or not with one row for each uid. */
      readonly absent: readonly string[]
    }
  | { readonly ok: false; readonly reason: string }

export interface SnapshotOrigin {
  readonly netuid: number
  readonly genesisHash: string
  readonly specVersion: number
  readonly takenAtMs: number
  /** The block at which the node was asked: a runtime may stop telling it. */
  readonly block: number
  /** SS58 of a public key. */
  readonly addressOf: (publicKey: Uint8Array) => string
}

const raoPerTao = 1e9
/** Incentives and dividends are 16-bit shares. */
const wholeShare = 65_535

/**
 * A decoded metagraph is a set of columns. Those that admission uses must be there with one row for each uid; all others
 * may be absent, since a metagraph without coldkeys still says who may ask.
 */
export function buildSnapshot(decoded: ScaleValue, origin: SnapshotOrigin): SnapshotResult {
  if (decoded === undefined) return rejected(`the chain knows no subnet ${origin.netuid}`)
  const fields = decoded as Readonly<Record<string, ScaleValue>>
  const block = asCount(fields['block']) ?? origin.block
  const hotkeys = fields['hotkeys']
  if (!isColumn(hotkeys)) return rejected('the hotkeys are missing')
  if (hotkeys.length === 0) return rejected('it holds no neurons')
  const promised = asCount(fields['num_uids'])
  if (promised !== undefined && promised !== hotkeys.length) {
    return rejected(`it holds ${hotkeys.length} of ${promised} hotkeys`)
  }
  const columns: Record<string, readonly ScaleValue[]> = {}
  for (const name of admissionColumns) {
    const column = fields[name]
    if (!isColumn(column)) return rejected(`${name} is missing`)
    if (column.length !== hotkeys.length) {
      return rejected(`${name} has ${column.length} rows for ${hotkeys.length} hotkeys`)
    }
    columns[name] = column
  }
  const absent: string[] = []
  for (const name of otherColumns) {
    const column = fields[name]
    if (isColumn(column) && column.length === hotkeys.length) columns[name] = column
    else absent.push(name)
  }
  const neurons = hotkeys.map((_, uid) => toNeuron(uid, (name) => columns[name]?.[uid], origin.addressOf))
  if (new Set(neurons.map((neuron) => neuron.hotkey)).size !== neurons.length) {
    return rejected('a hotkey appears twice')
  }
  const { netuid, genesisHash, specVersion, takenAtMs } = origin
  return { ok: true, snapshot: { netuid, genesisHash, specVersion, block, takenAtMs, neurons }, absent }
}

type Column = (typeof admissionColumns)[number] | (typeof otherColumns)[number]
type Cell = (name: Column) => ScaleValue

function toNeuron(uid: number, cell: Cell, addressOf: (publicKey: Uint8Array) => string): Neuron {
  const axon = cell('axons') as unknown as AxonCell | undefined
  const coldkey = cell('coldkeys')
  const numberOf = (name: Column, unit: number): number | undefined => {
    const value = cell(name)
    return value === undefined ? undefined : Number(value) / unit
  }
  return {
    uid,
    hotkey: addressOf(cell('hotkeys') as Uint8Array),
    coldkey: coldkey === undefined ? undefined : addressOf(coldkey as Uint8Array),
    stakeTao: Number(cell('total_stake')) / raoPerTao,
    alphaStakeTao: numberOf('alpha_stake', raoPerTao),
    taoStakeTao: numberOf('tao_stake', raoPerTao),
    hasPermit: cell('validator_permit') === true,
    axonIp: axon === undefined ? noIp : formatIp({ family: axon.ip_type === 6 ? 6 : 4, value: BigInt(axon.ip) }),
    axonPort: axon?.port ?? 0,
    axonBlock: Number(axon?.block ?? 0),
    lastUpdateBlock: numberOf('last_update', 1),
    registeredAtBlock: numberOf('block_at_registration', 1),
    emissionAlpha: numberOf('emission', raoPerTao),
    incentive: numberOf('incentives', wholeShare),
    dividends: numberOf('dividends', wholeShare),
  }
}

type AxonCell = Pick<AxonRecord, 'ip' | 'port' | 'block'> & { readonly ip_type: number }
const noIp = '0.0.0.0'

function isColumn(value: ScaleValue): value is readonly ScaleValue[] {
  return Array.isArray(value)
}

function asCount(value: ScaleValue): number | undefined {
  return typeof value === 'number' ? value : undefined
}

function rejected(reason: string): SnapshotResult {
  return { ok: false, reason }
}
