export type LifecycleState = 'starting' | 'ready' | 'degraded' | 'draining' | 'stopped'

/** `notConfigured` is not a fault: the operator has not asked for that part yet. */
export type PartState = 'ok' | 'degraded' | 'notConfigured' | 'failed'

export interface PartHealth {
  readonly state: PartState
  /** One sentence for a person. */
  readonly sentence: string
  /** What to do about it, when something can be done. */
  readonly hint?: string
}

export interface HealthReport {
  readonly state: LifecycleState
  readonly parts: Readonly<Record<string, PartHealth>>
}

/** Where every part of the daemon says how it is; /health shows it. */
export class HealthBoard {
  #lifecycle: 'starting' | 'running' | 'draining' | 'stopped' = 'starting'
  readonly #parts = new Map<string, () => PartHealth>()

  /** The part is asked each time, so that ages are true when they are read. */
  register(name: string, read: () => PartHealth): void {
    this.#parts.set(name, read)
  }

  set(name: string, health: PartHealth): void {
    this.#parts.set(name, () => health)
  }

  enter(lifecycle: 'running' | 'draining' | 'stopped'): void {
    this.#lifecycle = lifecycle
  }

  report(): HealthReport {
    const parts = Object.fromEntries([...this.#parts].map(([name, read]) => [name, read()]))
    if (this.#lifecycle !== 'running') return { state: this.#lifecycle, parts }
    const isHurt = Object.values(parts).some((part) => part.state === 'degraded' || part.state === 'failed')
    return { state: isHurt ? 'degraded' : 'ready', parts }
  }
}
