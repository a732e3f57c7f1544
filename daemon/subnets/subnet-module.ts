import type { JsonValue } from '#core/base/json/strict-json'
import type { Checked } from '#core/bittensor/admission/refusals'
import type { SharedAnswer } from './answer.ts'

/** A subnet's protocol: what the axon must know to serve it. A further one needs no change in the axon. */
export interface SubnetModule {
  readonly name: string
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
