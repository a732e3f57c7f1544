import type { JsonValue } from '#core/base/json/strict-json'
import { type Checked, type RefusalTable, refusalTable } from '#core/bittensor/admission/refusals'
import type { SharedAnswer } from './synapse-answer.ts'

/** A subnet's protocol: what the axon must know to serve it. A further one needs no change in the axon. */
export interface SubnetModule {
  readonly name: string
  /** The subnet on whose chain entry validators find it. */
  readonly netuid: number
  /** What it refuses by itself, beside what the axon refuses for every subnet. */
  readonly refusals: RefusalTable
  readonly synapses: readonly SynapseRoute[]
}

export interface SynapseRoute {
  /** Class name of the synapse, which is the path too; case counts. */
  readonly synapse: string
  /** What `computed_body_hash` may be. */
  readonly bodyHashes: readonly string[]
  /** Checks the body and says what is to be done; nothing is computed or allocated yet. */
  read(body: JsonValue, nowMs: number): Checked<SynapseJob>
}

export interface SynapseJob {
  /** Short facts for the log line, made of values that were checked. */
  readonly facts: Readonly<Record<string, string | number>>
  /** The answer is of no use after this, by the wall clock. */
  readonly neededByMs?: number
  run(): Promise<Checked<SharedAnswer>>
}

/** One axon admits callers by one metagraph and writes one log: its modules share a subnet, and no refusal code. */
export function checkModules(modules: readonly SubnetModule[]): void {
  const taken = new Map(Object.keys(refusalTable).map((code) => [code, 'the axon']))
  for (const { name, netuid, refusals } of modules) {
    if (netuid !== modules[0]?.netuid) throw new Error(`${name} is on subnet ${netuid}, not ${modules[0]?.netuid}.`)
    for (const code of Object.keys(refusals)) {
      const other = taken.get(code)
      if (other !== undefined) throw new Error(`The refusal code "${code}" of ${name} is that of ${other} too.`)
      taken.set(code, name)
    }
  }
}
