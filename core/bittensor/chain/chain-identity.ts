/** What identifies the configured chain. */
export interface ChainIdentity {
  readonly genesisHash: string
  readonly specName: string
}

export type IdentityVerdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly what: 'genesis' | 'specName'; readonly expected: string; readonly got: string }

/** Checked before any signature: a signature for another chain could be replayed there. */
export function judgeIdentity(expected: ChainIdentity, got: ChainIdentity): IdentityVerdict {
  if (got.genesisHash.toLowerCase() !== expected.genesisHash.toLowerCase()) {
    return { ok: false, what: 'genesis', expected: expected.genesisHash, got: got.genesisHash }
  }
  if (got.specName !== expected.specName) {
    return { ok: false, what: 'specName', expected: expected.specName, got: got.specName }
  }
  return { ok: true }
}
