/** A record of one run, whatever its result. */
export interface GovernanceRun {
  readonly kind: 'measure' | 'observe' | 'autoPropose'
  readonly asset: string | undefined
  readonly startedAtMs: number
  readonly finishedAtMs: number
  readonly outcome: string
}

export interface GovernanceRuns {
  recordRun(run: GovernanceRun): void
}
