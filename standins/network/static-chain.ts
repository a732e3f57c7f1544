import type { Clock } from '#core/base/time/clock'
import type { Chain, RefreshResult } from '#core/bittensor/chain/chain-port'
import type { AnnouncementStatus, ChainStatus } from '#core/bittensor/chain/chain-status'
import type { MetagraphSnapshot, Neuron } from '#core/bittensor/chain/metagraph'
import type { Registration } from '#core/bittensor/chain/registration'

export interface StaticMember {
  readonly hotkey: string
  readonly stakeTao: number
  readonly hasPermit: boolean
}

const takenAnewAfterMs = 60_000

/**
 * A subnet from a fixed list instead of a chain, for stand-ins on one machine. Only they make one: no setting of the
 * miner leads here.
 */
export class StaticChain implements Chain {
  readonly #clock: Clock
  readonly #netuid: number
  readonly #members: readonly StaticMember[]
  #snapshot: MetagraphSnapshot

  constructor(deps: { clock: Clock }, subnet: { netuid: number; members: readonly StaticMember[] }) {
    this.#clock = deps.clock
    this.#netuid = subnet.netuid
    this.#members = subnet.members
    this.#snapshot = this.#take()
  }

  /** Never old: there is no chain that could be ahead. */
  current(): MetagraphSnapshot {
    if (this.#clock.nowMs() - this.#snapshot.takenAtMs > takenAnewAfterMs) this.#snapshot = this.#take()
    return this.#snapshot
  }

  registration(address: string): Registration {
    const uid = this.#members.findIndex(({ hotkey }) => hotkey === address)
    return uid < 0 ? { state: 'deregistered' } : { state: 'registered', uid }
  }

  status(): ChainStatus {
    const { block, takenAtMs, neurons } = this.current()
    const reason = 'There is no chain here: the subnet is simulated.'
    return {
      connection: { state: 'disconnected', sinceMs: takenAtMs, reason },
      whyNotSign: reason,
      metagraph: { origin: 'live', block, ageMs: 0, neuronCount: neurons.length },
      hotkeys: this.#members.map(({ hotkey }) => ({
        address: hotkey,
        registration: this.registration(hotkey),
        announcement: { state: 'notWanted' },
      })),
      clock: { state: 'unknown' },
    }
  }

  async refresh(): Promise<RefreshResult> {
    return { ok: true, block: this.current().block, neuronCount: this.#members.length }
  }

  async ensureServed(): Promise<AnnouncementStatus> {
    return { state: 'notWanted' }
  }

  #take(): MetagraphSnapshot {
    const takenAtMs = this.#clock.nowMs()
    // A block every twelve seconds, as on the chain.
    const block = Math.floor(takenAtMs / 12_000)
    const neurons = this.#members.map((member, uid): Neuron => neuronOf(member, uid, block))
    return { netuid: this.#netuid, genesisHash: `0x${'0'.repeat(64)}`, specVersion: 0, block, takenAtMs, neurons }
  }
}

function neuronOf({ hotkey, stakeTao, hasPermit }: StaticMember, uid: number, block: number): Neuron {
  return {
    uid,
    hotkey,
    coldkey: hotkey,
    stakeTao,
    alphaStakeTao: stakeTao,
    taoStakeTao: 0,
    hasPermit,
    axonIp: '0.0.0.0',
    axonPort: 0,
    axonBlock: 0,
    lastUpdateBlock: block,
    registeredAtBlock: 0,
    emissionAlpha: 0,
    incentive: 0,
    dividends: 0,
  }
}
