/**
 * Public scores name a uid and no keys. Whose uid it was is told by the metagraph that the miner keeps: at which block
 * its present hotkey was registered. Rows of prompts before that belong to somebody who is no longer paid, and the
 * present one is a newcomer, as the validator has it.
 */
export interface UidRegistrations {
  /** When the present hotkey of the uid was registered; undefined for a uid that the metagraph does not hold. */
  registeredAtMs(uid: number): number | undefined
}

export interface RegistrationBlocks {
  /** Of the metagraph. */
  readonly block: number
  readonly takenAtMs: number
  readonly registeredAtBlock: ReadonlyMap<number, number>
}

/** The chain makes a block every twelve seconds, seldom a later one: near enough to tell prompts apart. */
const blockMs = 12_000

export function registrationsOf({ block, takenAtMs, registeredAtBlock }: RegistrationBlocks): UidRegistrations {
  return {
    registeredAtMs: (uid) => {
      const registered = registeredAtBlock.get(uid)
      return registered === undefined ? undefined : takenAtMs - (block - registered) * blockMs
    },
  }
}

/** No uid is as large: the ids of those who had a uid before its present holder. */
const formerOffset = 100_000

export function minerIdAt(registrations: UidRegistrations | undefined, uid: number, startAtMs: number): number {
  const registeredAtMs = registrations?.registeredAtMs(uid)
  return registeredAtMs !== undefined && startAtMs < registeredAtMs ? formerOffset + uid : uid
}

/** Null for a miner that holds no uid any more. */
export function uidOfMiner(minerId: number, ourId: number): number | null {
  return minerId === ourId || minerId < formerOffset ? minerId : null
}
