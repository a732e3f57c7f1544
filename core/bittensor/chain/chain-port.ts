import type { AxonEndpoint } from './axon-record.ts'
import type { AnnouncementStatus, ChainStatus } from './chain-status.ts'
import type { MetagraphSource } from './metagraph.ts'
import type { Registration } from './registration.ts'

/** What came of one look at the chain. */
export type RefreshResult =
  | { readonly ok: true; readonly block: number; readonly neuronCount: number }
  | { readonly ok: false; readonly reason: string }

/** The chain, as the rest of the daemon sees it. */
export interface Chain extends MetagraphSource {
  /** The newest answer for one of our own hotkeys. */
  registration(address: string): Registration
  status(): ChainStatus
  /** Reads registration, metagraph and announcements once. Never throws: a failure is an answer. */
  refresh(): Promise<RefreshResult>
  /** Keeps this address announced from now on, over reorganisations and restarts. Called once the port is open. */
  ensureServed(address: string, endpoint: AxonEndpoint): Promise<AnnouncementStatus>
}
