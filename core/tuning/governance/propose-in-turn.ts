import type { Evidence } from './evidence.ts'
import { replayLedger } from './governance-state.ts'
import type { LedgerEntry, NewLedgerEntry } from './ledger.ts'
import { type Gate, type GateCircumstances, type Proposal, proposeChange } from './propose-change.ts'

/** Changes that become effective together. The evidence is about the last one; those before it only prepare it. */
export function proposeInTurn(
  entries: readonly LedgerEntry[],
  proposals: readonly [...Proposal[], Proposal],
  { evidence, ...given }: GateCircumstances & { readonly evidence: Evidence | undefined },
): Gate {
  const made: NewLedgerEntry[] = []
  const last = proposals.at(-1)!
  for (const proposal of proposals) {
    const written = made.map((entry, i): LedgerEntry => ({ ...entry, id: entries.length + i + 1 }))
    const gate = proposeChange(replayLedger([...entries, ...written]), proposal, {
      ...given,
      // It was measured with all of these changes, so none of them came after it.
      evidence: proposal === last && evidence !== undefined ? { ...evidence, madeAtMs: given.nowMs } : undefined,
    })
    if (!gate.ok) return gate
    made.push(...gate.entries)
    if (proposal === last) return { ...gate, entries: made }
  }
  throw new Error('There is no proposal.')
}
