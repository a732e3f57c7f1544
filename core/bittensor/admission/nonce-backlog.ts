import type { NonceBatch, NonceEntry, NonceFloor, NonceOwner } from './nonce-store.ts'

/**
 * What is to be written. It stays small however long the disk takes: a lane needs its greatest nonce only, and a floor
 * replaces the lanes below it.
 */
export class NonceBacklog {
  readonly #entries = new Map<string, NonceEntry>()
  readonly #floors = new Map<string, NonceFloor>()
  #floorNs: bigint | undefined

  get size(): number {
    return this.#entries.size + this.#floors.size + (this.#floorNs === undefined ? 0 : 1)
  }

  save(entry: NonceEntry): void {
    const key = `${ownerKey(entry)}/${entry.lane}`
    const known = this.#entries.get(key)
    if (known === undefined || known.nonceNs < entry.nonceNs) this.#entries.set(key, entry)
  }

  raise(floors: readonly NonceFloor[]): void {
    const raised = new Map<string, bigint>()
    for (const floor of floors) {
      const key = ownerKey(floor)
      const known = this.#floors.get(key)
      if (known === undefined || known.floorNs < floor.floorNs) this.#floors.set(key, floor)
      raised.set(key, floor.floorNs)
    }
    for (const [key, entry] of this.#entries) {
      const floorNs = raised.get(ownerKey(entry))
      if (floorNs !== undefined && entry.nonceNs <= floorNs) this.#entries.delete(key)
    }
  }

  raiseAll(floorNs: bigint): void {
    if (this.#floorNs === undefined || this.#floorNs < floorNs) this.#floorNs = floorNs
  }

  /** Hands out everything; what could not be written comes back by `putBack`. */
  take(): NonceBatch {
    const batch = { entries: [...this.#entries.values()], floors: [...this.#floors.values()], floorNs: this.#floorNs }
    this.#entries.clear()
    this.#floors.clear()
    this.#floorNs = undefined
    return batch
  }

  putBack({ entries, floors, floorNs }: NonceBatch): void {
    const newerFloors = [...this.#floors.values()]
    for (const entry of entries) this.save(entry)
    this.raise(floors)
    this.raise(newerFloors)
    if (floorNs !== undefined) this.raiseAll(floorNs)
  }
}

function ownerKey(owner: NonceOwner): string {
  return `${owner.receiver}/${owner.scheme}/${owner.sender}`
}
