/**
 * A fixed number of shared buffers that answers are handed over in. Who finds none free waits, in order: that is the
 * back-pressure. A buffer grows to the largest answer it has carried and is then reused.
 */
export interface Slot {
  buffer: SharedArrayBuffer
}

export class Slots {
  readonly #free: Slot[]
  readonly #waiting: ((slot: Slot) => void)[] = []

  constructor(count: number) {
    this.#free = Array.from({ length: count }, () => ({ buffer: new SharedArrayBuffer(0) }))
  }

  take(signal?: AbortSignal): Promise<Slot> {
    signal?.throwIfAborted()
    const slot = this.#free.pop()
    if (slot !== undefined) return Promise.resolve(slot)
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(receive), 1)
        reject(signal?.reason as Error)
      }
      const receive = (freed: Slot): void => {
        signal?.removeEventListener('abort', giveUp)
        resolve(freed)
      }
      signal?.addEventListener('abort', giveUp, { once: true })
      this.#waiting.push(receive)
    })
  }

  giveBack(slot: Slot): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#free.push(slot)
    else next(slot)
  }
}

/** The values in shared memory: where they lie, if that is shared already, else copied into the slot. */
export function toShared(values: Float64Array, slot: Slot): Float64Array {
  if (values.buffer instanceof SharedArrayBuffer) return values
  if (slot.buffer.byteLength < values.byteLength) slot.buffer = new SharedArrayBuffer(values.byteLength)
  const shared = new Float64Array(slot.buffer, 0, values.length)
  shared.set(values)
  return shared
}
