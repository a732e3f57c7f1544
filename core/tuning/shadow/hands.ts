/**
 * Public scores name a uid and no keys. The miner's stored metagraph says who had a uid: it has the block at which the
 * present hotkey was registered. Rows of earlier prompts belong to a miner that is no longer paid, and the present one
 * is a newcomer, as in the validator.
 */
export interface UidRegistrations {
  /** When the present hotkey of the uid was registered; undefined for a uid that is not in the metagraph. */
  registeredAtMs(uid: number): number | undefined
}

export interface RegistrationBlocks {
  /** Of the metagraph. */
  readonly block: number
  readonly takenAtMs: number
  readonly registeredAtBlock: ReadonlyMap<number, number>
}

/** The chain makes a block every twelve seconds, rarely a later one: exact enough to tell prompts apart. */
const blockMs = 12_000

export function registrationsOf({ block, takenAtMs, registeredAtBlock }: RegistrationBlocks): UidRegistrations {
  return {
    registeredAtMs: (uid) => {
      const registered = registeredAtBlock.get(uid)
      return registered === undefined ? undefined : takenAtMs - (block - registered) * blockMs
    },
  }
}

/** No uid is this large: ids for miners that had a uid before its present one. */
const formerOffset = 100_000

export function minerIdAt(registrations: UidRegistrations | undefined, uid: number, startAtMs: number): number {
  const registeredAtMs = registrations?.registeredAtMs(uid)
  return registeredAtMs !== undefined && startAtMs < registeredAtMs ? formerOffset + uid : uid
}

/** Null for a miner that has no uid any more. */
export function uidOfMiner(minerId: number, ourId: number): number | null {
  return minerId === ourId || minerId < formerOffset ? minerId : null
}
