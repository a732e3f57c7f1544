import { lineAt, type TimeLine } from './time-line.ts'
import { minuteMs } from './units.ts'

/** Prompts, prices and nonces do not forgive more. A block or a price that is late by so much is a fault of its own. */
export const mostWorkErrorMs = 2 * minuteMs
/** So close the chain and a venue must be to each other. */
const agreeWithinMs = minuteMs
/** An older word is no proof: the computer may have slept since. */
const lastsMs = 10 * minuteMs
const blocksToKeep = 10
/** A late block makes us look ahead; a block that is early does not exist. */
const blocksToSayAhead = 3

/**
 * What others say of the time: the chain in its blocks, and each venue in its newest price. One of them alone proves
 * nothing, since a node can lie and can lag. The chain and a venue that agree can hardly both be wrong.
 */
export class TimeWitnesses {
  readonly #blocks: TimeLine[] = []
  readonly #venues = new Map<string, TimeLine>()

  noteBlock(said: TimeLine): void {
    this.#blocks.push(said)
    if (this.#blocks.length > blocksToKeep) this.#blocks.shift()
  }

  /** Prices of one venue differ in age: the newest is the nearest to the time at which it was said. */
  noteVenue(venue: string, said: TimeLine): void {
    if (!Number.isFinite(said.wallMs)) return
    const known = this.#venues.get(venue)
    const isBetter = known === undefined || isOld(known, said.monotonicMs)
    if (isBetter || said.wallMs >= lineAt(known, said.monotonicMs)) this.#venues.set(venue, said)
  }

  /** A block is seen after it was made, so the newest estimate is the best; undefined when none is fresh. */
  chainMs(monotonicMs: number): number | undefined {
    let newestMs: number | undefined
    for (const line of this.#blocks) {
      if (isOld(line, monotonicMs)) continue
      newestMs = Math.max(newestMs ?? Number.NEGATIVE_INFINITY, lineAt(line, monotonicMs))
    }
    return newestMs
  }

  /** The time that the chain and a venue agree on while no venue agrees with our clock; undefined: we may be right. */
  contradict(ours: TimeLine): number | undefined {
    const chainMs = this.chainMs(ours.monotonicMs)
    if (chainMs === undefined || isNear(chainMs, ours.wallMs, mostWorkErrorMs)) return undefined
    if (ours.wallMs > chainMs && this.#freshBlocks(ours.monotonicMs) < blocksToSayAhead) return undefined
    let agreedMs: number | undefined
    for (const venueMs of this.#venuesAt(ours.monotonicMs)) {
      if (isNear(venueMs, ours.wallMs, mostWorkErrorMs)) return undefined
      if (isNear(venueMs, chainMs, agreeWithinMs)) agreedMs = Math.max(agreedMs ?? chainMs, venueMs)
    }
    return agreedMs
  }

  /** Whether the chain and a venue both agree with our clock. */
  support(ours: TimeLine): boolean {
    const chainMs = this.chainMs(ours.monotonicMs)
    if (chainMs === undefined || !isNear(chainMs, ours.wallMs, mostWorkErrorMs)) return false
    return this.#venuesAt(ours.monotonicMs).some((venueMs) => isNear(venueMs, ours.wallMs, mostWorkErrorMs))
  }

  /** Whether anybody agrees with our clock. */
  doesAnyAgree(ours: TimeLine): boolean {
    const chainMs = this.chainMs(ours.monotonicMs)
    const all = [...(chainMs === undefined ? [] : [chainMs]), ...this.#venuesAt(ours.monotonicMs)]
    return all.some((atMs) => isNear(atMs, ours.wallMs, mostWorkErrorMs))
  }

  #freshBlocks(monotonicMs: number): number {
    return this.#blocks.filter((line) => !isOld(line, monotonicMs)).length
  }

  #venuesAt(monotonicMs: number): number[] {
    const fresh = [...this.#venues.values()].filter((line) => !isOld(line, monotonicMs))
    return fresh.map((line) => lineAt(line, monotonicMs))
  }
}

function isOld(line: TimeLine, monotonicMs: number): boolean {
  return monotonicMs - line.monotonicMs > lastsMs
}

function isNear(aMs: number, bMs: number, limitMs: number): boolean {
  return Math.abs(aMs - bMs) <= limitMs
}
