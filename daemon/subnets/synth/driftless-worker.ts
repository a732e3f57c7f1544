import { move } from 'piscina'
import { type DriftlessSpec, writeDriftlessPaths } from '#core/paths/driftless'

/** Runs in a worker thread; the bytes change hands without a copy. */
export function makeDriftlessPaths(spec: DriftlessSpec): Uint8Array | undefined {
  const bytes = writeDriftlessPaths(spec)
  return bytes === undefined ? undefined : (move(bytes) as unknown as Uint8Array)
}
