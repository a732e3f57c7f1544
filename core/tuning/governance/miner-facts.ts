/** Permanent facts of this miner. */
export interface MinerFacts {
  /** When the miner first ran on this database; undefined if it never did. */
  startedAtMs(): number | undefined
  /** Keeps the first instant; later ones change nothing. */
  recordStart(atMs: number): void
  /** What could not be saved from a damaged file, with the instant at which that was found; oldest first. */
  losses(): readonly GovernanceLoss[]
}

export interface GovernanceLoss {
  readonly atMs: number
  readonly sentence: string
}
