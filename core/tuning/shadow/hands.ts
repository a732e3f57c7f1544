import { dayMs } from '#core/base/time/units'

/**
 * Public scores name a uid and no keys. Registrations say who had a uid: the miner's stored metagraphs, and the public
 * API's list. Each holder of a uid is a miner of its own, as in the validator: a newcomer when it comes, and paid until the
 * next one has the uid.
 */
export interface UidRegistrations {
  /** When each known holder of the uid was registered, ascending. Empty: one miner, as far as is known. */
  registeredAtMs(uid: number): readonly number[]
}

/** One line of what is known, by the chain or by the public API. */
export interface UidRegistration {
  readonly uid: number
  readonly hotkey: string
  readonly registeredAtMs: number
  readonly source: 'chain' | 'api'
}

export interface RegistrationStore {
  list(): readonly UidRegistration[]
  /** What the public API says. A row that is known stays as it is. */
  savePublic(rows: readonly Omit<UidRegistration, 'source'>[]): void
}

/** The API dates a registration by the validator's next look at the chain. */
const sameRegistrationMs = dayMs

/** Undefined: nothing is known. The chain's word counts where both name a registration. */
export function registrationsOf(known: readonly UidRegistration[]): UidRegistrations | undefined {
  if (known.length === 0) return undefined
  const byUid = new Map<number, UidRegistration[]>()
  const chainFirst = known.toSorted((a, b) => Number(a.source === 'api') - Number(b.source === 'api'))
  for (const one of chainFirst) {
    const before = byUid.get(one.uid) ?? []
    const isKnown = before.some(
      ({ hotkey, registeredAtMs }) =>
        hotkey === one.hotkey && Math.abs(registeredAtMs - one.registeredAtMs) < sameRegistrationMs,
    )
    if (!isKnown) byUid.set(one.uid, [...before, one])
  }
  const times = new Map(
    [...byUid].map(([uid, rows]) => [uid, rows.map(({ registeredAtMs }) => registeredAtMs).sort((a, b) => a - b)]),
  )
  return { registeredAtMs: (uid) => times.get(uid) ?? [] }
}

/** Above every uid. The id of a uid's n-th later holder has n of it. */
const perHolder = 100_000

/** Stands for us: the newest of all miners. */
export const ourMinerId = 1e12

/** The miner that had the uid at an instant: who answered a prompt that started then. */
export function minerIdAt(registrations: UidRegistrations | undefined, uid: number, atMs: number): number {
  let holder = 0
  for (const registeredAtMs of registrations?.registeredAtMs(uid) ?? []) if (registeredAtMs <= atMs) holder += 1
  return uid + holder * perHolder
}

/** The uid that a miner has at an update; null for one that lost it before, or gets it later. */
export function uidOfMiner(
  registrations: UidRegistrations | undefined,
  minerId: number,
  updateAtMs: number,
): number | null {
  if (minerId === ourMinerId) return minerId
  const uid = minerId % perHolder
  return minerIdAt(registrations, uid, updateAtMs) === minerId ? uid : null
}
