/** What is known of this miner once and for all. */
export interface MinerFacts {
  /** When the miner first ran on this database; undefined when it never did. */
  startedAtMs(): number | undefined
  /** Keeps the first instant it is told; later ones change nothing. */
  recordStart(atMs: number): void
  /** What could not be saved from a damaged file, with the instant at which that was found; oldest first. */
  losses(): readonly { readonly atMs: number; readonly sentence: string }[]
}
