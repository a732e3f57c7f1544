export interface ServedRequest {
  readonly synapse: string
  readonly durationMs: number
  readonly sizeBytes: number
  readonly encoding: 'identity' | 'gzip'
}

/** What the axon counts. */
export interface AxonMetrics {
  refused(code: string): void
  served(request: ServedRequest): void
  /** Requests in progress and requests that wait for a slot, each time either changes. */
  load(atWork: number, waiting: number): void
}

/** Counts in memory: for the health page and for tests. */
export class AxonCounters implements AxonMetrics {
  readonly refusals = new Map<string, number>()
  servedTotal = 0
  servedBytes = 0
  atWork = 0
  waiting = 0
  mostAtWork = 0

  refused(code: string): void {
    this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1)
  }

  served(request: ServedRequest): void {
    this.servedTotal += 1
    this.servedBytes += request.sizeBytes
  }

  load(atWork: number, waiting: number): void {
    this.atWork = atWork
    this.waiting = waiting
    this.mostAtWork = Math.max(this.mostAtWork, atWork)
  }
}
