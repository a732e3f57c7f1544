import { decodeAddress } from '@polkadot/util-crypto'
import { compact, littleEndian } from './scale-bytes.ts'

export interface MockNeuron {
  hotkey: string
  coldkey: string
  stakeRao: bigint
  hasPermit: boolean
  emissionRao: bigint
  incentive: number
  registeredAtBlock: number
}

export interface MockAxon {
  readonly block: number
  readonly version: number
  readonly ip: bigint
  readonly port: number
  readonly ipType: number
  readonly protocol: number
  readonly placeholder1: number
  readonly placeholder2: number
}

export function encodeAxon(axon: MockAxon): Buffer {
  return Buffer.concat([
    littleEndian(axon.block, 8),
    littleEndian(axon.version, 4),
    littleEndian(axon.ip, 16),
    littleEndian(axon.port, 2),
    Buffer.from([axon.ipType, axon.protocol, axon.placeholder1, axon.placeholder2]),
  ])
}

export function decodeAxon(bytes: Buffer): MockAxon {
  return {
    block: Number(bytes.readBigUInt64LE(0)),
    version: bytes.readUInt32LE(8),
    ip: bytes.readBigUInt64LE(12) | (bytes.readBigUInt64LE(20) << 64n),
    port: bytes.readUInt16LE(28),
    ipType: bytes.readUInt8(30),
    protocol: bytes.readUInt8(31),
    placeholder1: bytes.readUInt8(32),
    placeholder2: bytes.readUInt8(33),
  }
}

const noAxon: MockAxon = {
  block: 0,
  version: 0,
  ip: 0n,
  port: 0,
  ipType: 0,
  protocol: 0,
  placeholder1: 0,
  placeholder2: 0,
}

/** How many fields the runtime's selective metagraph has, after the netuid. */
const fieldCount = 73

/** The answer of get_selective_metagraph, written by hand: the asked fields, and nothing for the others. */
export function encodeSelectiveMetagraph(
  neurons: readonly MockNeuron[],
  options: {
    block: number
    indexes: readonly number[]
    axonOf: (hotkey: string) => MockAxon | undefined
    /** Columns that a broken node answers too short, by index. */
    cutColumns?: Readonly<Record<number, number>>
  },
): Buffer {
  const column =
    (cell: (neuron: MockNeuron) => Buffer) =>
    (rowCount: number): Buffer =>
      Buffer.concat([compact(rowCount), ...neurons.slice(0, rowCount).map(cell)])
  const fields: Readonly<Record<number, (rowCount: number) => Buffer>> = {
    7: () => compact(options.block),
    30: () => compact(neurons.length),
    52: column((neuron) => Buffer.from(decodeAddress(neuron.hotkey))),
    53: column((neuron) => Buffer.from(decodeAddress(neuron.coldkey))),
    55: column((neuron) => encodeAxon(options.axonOf(neuron.hotkey) ?? noAxon)),
    57: column((neuron) => Buffer.from([neuron.hasPermit ? 1 : 0])),
    59: column((neuron) => compact(neuron.registeredAtBlock)),
    60: column((neuron) => compact(neuron.emissionRao)),
    61: column(() => compact(0)),
    62: column((neuron) => compact(neuron.incentive)),
    66: column((neuron) => compact(neuron.registeredAtBlock)),
    67: column((neuron) => compact(neuron.stakeRao)),
    68: column(() => compact(0)),
    69: column((neuron) => compact(neuron.stakeRao)),
  }
  const answer = [Buffer.from([1]), compact(0)]
  for (let index = 1; index <= fieldCount; index += 1) {
    const field = options.indexes.includes(index) ? fields[index] : undefined
    answer.push(
      field === undefined
        ? Buffer.from([0])
        : Buffer.concat([Buffer.from([1]), field(options.cutColumns?.[index] ?? neurons.length)]),
    )
  }
  return Buffer.concat(answer)
}
