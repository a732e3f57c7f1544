export interface JournalSummary {
  readonly series: readonly JournalSeries[]
  readonly pathsBytes: number
  /** Predictions whose prices this release cannot make again: the stored ones are the only copy, and stay. */
  readonly unrepeatable: number
}

/** Of one asset and horizon. */
export interface JournalSeries {
  readonly asset: string
  readonly lengthSeconds: number
  readonly count: number
  /** Those whose prices are stored; the others can be made again from their recipe. */
  readonly withPaths: number
  readonly firstStartMs: number
  readonly lastStartMs: number
  readonly pathsBytes: number
  /** Made from a state or price that was marked as a fallback. */
  readonly degraded: number
}
