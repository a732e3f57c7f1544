import type { Statement } from 'better-sqlite3'
import type { MetagraphSnapshot, MetagraphStore, Neuron } from '#core/bittensor/chain/metagraph'
import type { Database } from './database.ts'

interface SnapshotRow {
  readonly spec_version: number
  readonly block: number
  readonly taken_at_ms: number
}

interface NeuronRow {
  readonly uid: number
  readonly hotkey: string
  readonly coldkey: string | null
  readonly stake_tao: number
  readonly alpha_stake_tao: number | null
  readonly tao_stake_tao: number | null
  readonly has_permit: 0 | 1
  readonly axon_ip: string
  readonly axon_port: number
  readonly axon_block: number
  readonly last_update_block: number | null
  readonly registered_at_block: number | null
  readonly emission_alpha: number | null
  readonly incentive: number | null
  readonly dividends: number | null
}

/** The chain makes a block every twelve seconds, rarely a later one: exact enough to tell prompts apart. */
const blockMs = 12_000

/** One snapshot per subnet and chain; a new one replaces the old one completely. Every registration seen stays known. */
export class SqliteMetagraphStore implements MetagraphStore {
  readonly #replace: (snapshot: MetagraphSnapshot) => void
  readonly #selectSnapshot: Statement<[number, string], SnapshotRow>
  readonly #selectNeurons: Statement<[number, string], NeuronRow>

  constructor(db: Database) {
    this.#selectSnapshot = db.prepare(
      `select spec_version, block, taken_at_ms
       from metagraphs where netuid = ? and genesis_hash = ?`,
    )
    this.#selectNeurons = db.prepare(
      `select uid, hotkey, coldkey, stake_tao, alpha_stake_tao, tao_stake_tao, has_permit, axon_ip, axon_port,
         axon_block, last_update_block, registered_at_block, emission_alpha, incentive, dividends
       from metagraph_neurons where netuid = ? and genesis_hash = ? order by uid`,
    )
    const deleteOld = db.prepare('delete from metagraphs where netuid = ? and genesis_hash = ?')
    const insertSnapshot = db.prepare(
      `insert into metagraphs (netuid, genesis_hash, spec_version, block, taken_at_ms, neuron_count)
       values (:netuid, :genesisHash, :specVersion, :block, :takenAtMs, :neuronCount)`,
    )
    const insertNeuron = db.prepare(
      `insert into metagraph_neurons (netuid, genesis_hash, uid, hotkey, coldkey, stake_tao, alpha_stake_tao,
         tao_stake_tao, has_permit, axon_ip, axon_port, axon_block, last_update_block, registered_at_block,
         emission_alpha, incentive, dividends)
       values (:netuid, :genesisHash, :uid, :hotkey, :coldkey, :stakeTao, :alphaStakeTao, :taoStakeTao, :hasPermit,
         :axonIp, :axonPort, :axonBlock, :lastUpdateBlock, :registeredAtBlock, :emissionAlpha, :incentive, :dividends)`,
    )
    const keepRegistration = db.prepare(
      `insert or ignore into uid_registrations (network, uid, hotkey, registered_at_block, registered_at_ms)
       values (:network, :uid, :hotkey, :registeredAtBlock, :registeredAtMs)`,
    )
    const replace = db.transaction((snapshot: MetagraphSnapshot) => {
      const { netuid, genesisHash, specVersion, block, takenAtMs, neurons } = snapshot
      deleteOld.run(netuid, genesisHash)
      insertSnapshot.run({ netuid, genesisHash, specVersion, block, takenAtMs, neuronCount: neurons.length })
      for (const neuron of neurons) {
        insertNeuron.run({ netuid, genesisHash, ...withNulls(neuron), hasPermit: neuron.hasPermit ? 1 : 0 })
        const { uid, hotkey, registeredAtBlock } = neuron
        if (registeredAtBlock === undefined) continue
        const registeredAtMs = takenAtMs - blockMs * (block - registeredAtBlock)
        keepRegistration.run({ network: `${netuid} ${genesisHash}`, uid, hotkey, registeredAtBlock, registeredAtMs })
      }
    })
    this.#replace = (snapshot) => replace.immediate(snapshot)
  }

  save(snapshot: MetagraphSnapshot): void {
    this.#replace(snapshot)
  }

  latest(netuid: number, genesisHash: string): MetagraphSnapshot | undefined {
    const row = this.#selectSnapshot.get(netuid, genesisHash)
    if (row === undefined) return undefined
    const neurons = this.#selectNeurons.all(netuid, genesisHash).map(toNeuron)
    return {
      netuid,
      genesisHash,
      specVersion: row.spec_version,
      block: row.block,
      takenAtMs: row.taken_at_ms,
      neurons,
    }
  }
}

/** The driver takes no undefined. */
function withNulls(neuron: Neuron): Record<string, unknown> {
  return Object.fromEntries(Object.entries(neuron).map(([name, value]) => [name, value ?? null]))
}

function toNeuron(row: NeuronRow): Neuron {
  return {
    uid: row.uid,
    hotkey: row.hotkey,
    coldkey: row.coldkey ?? undefined,
    stakeTao: row.stake_tao,
    alphaStakeTao: row.alpha_stake_tao ?? undefined,
    taoStakeTao: row.tao_stake_tao ?? undefined,
    hasPermit: row.has_permit === 1,
    axonIp: row.axon_ip,
    axonPort: row.axon_port,
    axonBlock: row.axon_block,
    lastUpdateBlock: row.last_update_block ?? undefined,
    registeredAtBlock: row.registered_at_block ?? undefined,
    emissionAlpha: row.emission_alpha ?? undefined,
    incentive: row.incentive ?? undefined,
    dividends: row.dividends ?? undefined,
  }
}
