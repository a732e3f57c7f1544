import type { AxonEndpoint } from './axon-record.ts'
import type { AnnouncementStatus, ChainStatus } from './chain-status.ts'
import type { MetagraphSource } from './metagraph.ts'
import type { Registration } from './registration.ts'

/** The result of one refresh from the chain. */
export type RefreshResult =
  | { readonly ok: true; readonly block: number; readonly neuronCount: number }
  | { readonly ok: false; readonly reason: string }

/** The chain, as the rest of the daemon sees it. */
export interface Chain extends MetagraphSource {
  /** The newest answer about one of our own hotkeys. */
  registration(address: string): Registration
  status(): ChainStatus
  /** Reads registration, metagraph and announcements once. Never throws: a failure is a result. */
  refresh(): Promise<RefreshResult>
  /**
   * Keeps this address announced from now on, also after reorganisations and restarts. Call it when the port is open.
   */
  ensureServed(address: string, endpoint: AxonEndpoint): Promise<AnnouncementStatus>
}
