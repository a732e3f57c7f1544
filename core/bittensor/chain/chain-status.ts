import type { ClockSkew } from './clock-skew.ts'
import type { Registration } from './registration.ts'

export type ConnectionState =
  /** No node was reached yet. */
  | { readonly state: 'connecting'; readonly sinceMs: number; readonly reason?: string }
  | { readonly state: 'connected'; readonly sinceMs: number; readonly endpoint: string; readonly specVersion: number }
  | { readonly state: 'disconnected'; readonly sinceMs: number; readonly reason: string }
  /** A node answered for another chain, and no right one was reached since. */
  | { readonly state: 'wrongChain'; readonly sinceMs: number; readonly reason: string }
  | { readonly state: 'stopped'; readonly sinceMs: number }

export type ConnectionEvent =
  | { readonly type: 'connected'; readonly endpoint: string; readonly specVersion: number }
  | { readonly type: 'attemptFailed'; readonly reason: string }
  | { readonly type: 'foundWrongChain'; readonly reason: string }
  | { readonly type: 'lost'; readonly reason: string }
  | { readonly type: 'stopped' }

/** `sinceMs` is the start of the state, not of its last repetition: an outage includes all its failed attempts. */
export function advanceConnection(current: ConnectionState, event: ConnectionEvent, nowMs: number): ConnectionState {
  if (current.state === 'stopped') return current
  switch (event.type) {
    case 'connected':
      return { state: 'connected', sinceMs: nowMs, endpoint: event.endpoint, specVersion: event.specVersion }
    case 'lost':
      return { state: 'disconnected', sinceMs: nowMs, reason: event.reason }
    case 'foundWrongChain':
      // Another endpoint may still work; then this one is only skipped.
      if (current.state === 'connected') return current
      return {
        state: 'wrongChain',
        sinceMs: current.state === 'wrongChain' ? current.sinceMs : nowMs,
        reason: event.reason,
      }
    case 'attemptFailed':
      // The wrong chain is the more serious finding, so it stays visible while other endpoints do not answer.
      if (current.state === 'connected' || current.state === 'wrongChain') return current
      return { ...current, reason: event.reason }
    case 'stopped':
      return { state: 'stopped', sinceMs: nowMs }
  }
}

export type RegistrationChange = 'registered' | 'deregistered' | 'moved' | undefined

/** The chain was asked whether a hotkey is registered; returns what deserves a log line. */
export function advanceRegistration(
  current: Registration,
  uid: number | undefined,
): { readonly next: Registration; readonly change: RegistrationChange } {
  if (uid === undefined) {
    return { next: { state: 'deregistered' }, change: current.state === 'deregistered' ? undefined : 'deregistered' }
  }
  const next: Registration = { state: 'registered', uid }
  if (current.state !== 'registered') return { next, change: 'registered' }
  return { next, change: current.uid === uid ? undefined : 'moved' }
}

/** What speaks for and against a place after the chain answered that the hotkey has none. */
export interface Denial {
  readonly current: Registration
  /** Refreshes before this one that found no place either, in a row. */
  readonly deniedBefore: number
  /** What another endpoint says; unknown where there is no other, or none answers. */
  readonly elsewhere: Registration
  /** Whether the metagraph of the same block has the hotkey; undefined when it was not read. */
  readonly isInMetagraph: boolean | undefined
}

/**
 * One node's word is not enough to stop serving: it may lack a part of its state. Its metagraph must say the same, and so
 * must another endpoint. Where no other answers, a hotkey that had a place keeps it until a second refresh denies it too.
 */
export function isDenialBelieved({ current, deniedBefore, isInMetagraph, elsewhere }: Denial): boolean {
  if (isInMetagraph !== false || elsewhere.state === 'registered') return false
  return elsewhere.state === 'deregistered' || current.state !== 'registered' || deniedBefore > 0
}

/** The progress of announcing one hotkey's address. */
export type AnnouncementStatus =
  | { readonly state: 'notWanted' }
  | { readonly state: 'pending'; readonly reason: string }
  | { readonly state: 'current'; readonly axon: string; readonly block: number }
  | { readonly state: 'waiting'; readonly reason: string }
  | { readonly state: 'refused'; readonly name: string; readonly reason: string }

export interface HotkeyStatus {
  readonly address: string
  readonly registration: Registration
  readonly announcement: AnnouncementStatus
}

export type MetagraphStatus =
  | { readonly origin: 'none'; readonly rejected?: string | undefined }
  | {
      /** A stored one is from before the restart. */
      readonly origin: 'live' | 'stored'
      readonly block: number
      readonly ageMs: number
      readonly neuronCount: number
      /** Why the newest answer did not replace it. */
      readonly rejected?: string | undefined
    }

export interface ChainStatus {
  readonly connection: ConnectionState
  /** Why nothing is signed now; undefined when signing is safe. */
  readonly whyNotSign: string | undefined
  readonly metagraph: MetagraphStatus
  readonly hotkeys: readonly HotkeyStatus[]
  readonly clock: ClockSkew
}
