import { type Change, type GovernanceState, statusOf } from './governance-state.ts'

/** Where a value came from: the default, a kept change, or a change under observation. */
export type ValueSource = 'default' | 'tuned' | 'trial'

export function sourceOf(
  state: GovernanceState,
  inForce: readonly Change[],
  where: { readonly asset: string; readonly slot: string },
): { readonly source: ValueSource; readonly change: Change | undefined } {
  const change = inForce.findLast(({ asset, slot }) => asset === where.asset && slot === where.slot)
  if (change === undefined) return { source: 'default', change: undefined }
  const isOpen = statusOf(state.changes[change.id - 1]!) === 'observed'
  return { source: isOpen ? 'trial' : 'tuned', change }
}
