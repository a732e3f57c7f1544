import type { JsonValue } from '#core/base/json/strict-json'
import { type Checked, type RefusalTable, refusalTable } from '#core/bittensor/admission/refusals'
import type { SharedAnswer } from './synapse-answer.ts'

/** A subnet's protocol: what the axon must know to serve it. Another subnet needs no change in the axon. */
export interface SubnetModule {
  readonly name: string
  /** The subnet in whose chain entry validators find it. */
  readonly netuid: number
  /** Its own refusals, in addition to those of the axon. */
  readonly refusals: RefusalTable
  readonly synapses: readonly SynapseRoute[]
}

export interface SynapseRoute {
  /** Class name of the synapse, which is also the path; it is case-sensitive. */
  readonly synapse: string
  /** The possible values of `computed_body_hash`. */
  readonly bodyHashes: readonly string[]
  /** Checks the body and returns the work to do; nothing is computed or allocated yet. */
  read(body: JsonValue, nowMs: number): Checked<SynapseJob>
}

export interface SynapseJob {
  /** Short facts for the log line, made from checked values. */
  readonly facts: Readonly<Record<string, string | number>>
  /** The answer is useless after this time, by the wall clock. */
  readonly neededByMs?: number
  /** For the hotkey that was asked: each has answers of its own. */
  run(receiver: string): Promise<Checked<SharedAnswer>>
}

/**
 * One axon admits callers by one metagraph and writes one log. So its modules must have the same subnet, and different
 * refusal codes.
 */
export function checkModules(modules: readonly SubnetModule[]): void {
  const taken = new Map(Object.keys(refusalTable).map((code) => [code, 'the axon']))
  for (const { name, netuid, refusals } of modules) {
    if (netuid !== modules[0]?.netuid) throw new Error(`${name} is on subnet ${netuid}, not ${modules[0]?.netuid}.`)
    for (const code of Object.keys(refusals)) {
      const other = taken.get(code)
      if (other !== undefined) throw new Error(`The refusal code "${code}" of ${name} is also a code of ${other}.`)
      taken.set(code, name)
    }
  }
}
