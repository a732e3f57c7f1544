import type {
  NonceEntry,
  NonceFloor,
  NonceOwner,
  NonceRecord,
  NonceRecords,
  NonceStore,
} from '#core/bittensor/admission/nonce-store'

/** Keeps what the book promised to keep, for as long as the test runs. */
export class MemoryNonceStore implements NonceStore {
  readonly entries = new Map<string, NonceEntry>()
  readonly floors = new Map<string, NonceFloor>()
  floorOfAllNs = 0n
  /** How many answers asked whether they may go out. */
  answers = 0

  async load(receiver: string): Promise<NonceRecords> {
    const isOwn = (owner: NonceOwner) => owner.receiver === receiver
    return {
      entries: [...this.entries.values()].filter(isOwn),
      floors: [...this.floors.values()].filter(isOwn),
    }
  }

  floorNs(): bigint {
    return this.floorOfAllNs
  }

  save(entry: NonceEntry): NonceRecord {
    const key = `${ownerKey(entry)}/${entry.lane}`
    const known = this.entries.get(key)
    if (known === undefined || known.nonceNs < entry.nonceNs) this.entries.set(key, entry)
    return {
      beforeAnswer: async () => {
        this.answers += 1
      },
    }
  }

  raise(floors: readonly NonceFloor[]): void {
    for (const floor of floors) {
      const known = this.floors.get(ownerKey(floor))
      if (known === undefined || known.floorNs < floor.floorNs) this.floors.set(ownerKey(floor), floor)
      for (const [key, entry] of this.entries) {
        if (ownerKey(entry) === ownerKey(floor) && entry.nonceNs <= floor.floorNs) this.entries.delete(key)
      }
    }
  }
}

function ownerKey(owner: NonceOwner): string {
  return `${owner.receiver}/${owner.scheme}/${owner.sender}`
}
