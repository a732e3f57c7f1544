import type { NonceEntry, NonceFloor, NonceOwner, NonceStore } from '#core/bittensor/admission/nonce-store'

/** Keeps what the book promised to keep, for as long as the test runs. */
export class MemoryNonceStore implements NonceStore {
  readonly entries = new Map<string, NonceEntry>()
  readonly floors = new Map<string, NonceFloor>()
  /** Set to make every write fail. */
  failure: Error | undefined

  async load(receiver: string): Promise<{ entries: NonceEntry[]; floors: NonceFloor[] }> {
    const isOwn = (owner: NonceOwner) => owner.receiver === receiver
    return { entries: [...this.entries.values()].filter(isOwn), floors: [...this.floors.values()].filter(isOwn) }
  }

  async save(entry: NonceEntry): Promise<void> {
    if (this.failure !== undefined) throw this.failure
    const key = laneKey(entry)
    const known = this.entries.get(key)
    if (known === undefined || known.nonceNs < entry.nonceNs) this.entries.set(key, entry)
  }

  async forget(entries: readonly NonceEntry[], floors: readonly NonceFloor[]): Promise<void> {
    if (this.failure !== undefined) throw this.failure
    for (const floor of floors) {
      const known = this.floors.get(ownerKey(floor))
      if (known === undefined || known.floorNs < floor.floorNs) this.floors.set(ownerKey(floor), floor)
    }
    for (const entry of entries) {
      const known = this.entries.get(laneKey(entry))
      if (known !== undefined && known.nonceNs <= entry.nonceNs) this.entries.delete(laneKey(entry))
    }
  }
}

function ownerKey(owner: NonceOwner): string {
  return `${owner.receiver}/${owner.scheme}/${owner.sender}`
}

function laneKey(entry: NonceEntry): string {
  return `${ownerKey(entry)}/${entry.lane}`
}
