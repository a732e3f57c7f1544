export type LifecycleState = 'starting' | 'ready' | 'degraded' | 'draining' | 'stopped'

/** `notConfigured` is not a fault: the operator has not configured that part yet. */
export type PartState = 'ok' | 'degraded' | 'notConfigured' | 'failed'

export interface PartHealth {
  readonly state: PartState
  /** One sentence for a person. */
  readonly sentence: string
  /** What to do about it, if something can be done. */
  readonly hint?: string
  /** Figures by name, for a part that has many. A name that ends with `AtMs` is an instant. */
  readonly table?: Readonly<Record<string, Readonly<Record<string, number>>>>
}

export interface HealthReport {
  readonly state: LifecycleState
  readonly parts: Readonly<Record<string, PartHealth>>
}

/** Every part of the daemon reports its condition here; /health shows it. */
export class HealthBoard {
  #lifecycle: 'starting' | 'running' | 'draining' | 'stopped' = 'starting'
  readonly #parts = new Map<string, () => PartHealth>()

  /** The part is asked at each reading, so that ages are correct. */
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
