import { describe, expect, it } from 'vitest'
import { emptyCount, type MergeMode, mergeDay, type SlotConflict } from './merge-day.ts'
import { gapSlot, newDay } from './minute-day.ts'

function merge(stored: number[], offered: number[], mode: MergeMode = 'keep') {
  const day = newDay()
  day.set(stored)
  const other = newDay()
  other.set(offered)
  const count = emptyCount()
  const conflicts: SlotConflict[] = []
  const hasChanged = mergeDay(day, other, mode, count, (conflict) => conflicts.push(conflict))
  return { slots: [...day.subarray(0, stored.length)], hasChanged, count, conflicts }
}

describe('mergeDay', () => {
  it('adds closes and declared gaps to what is unknown', () => {
    const { slots, count } = merge([0, 0, 0], [1.5, gapSlot, 0])
    expect(slots).toEqual([1.5, Number.NaN, 0])
    expect(count).toEqual({ ...emptyCount(), added: 1, gapsDeclared: 1 })
  })
  it('changes nothing when the same is written again', () => {
    const { hasChanged, count } = merge([1.5, gapSlot, 0], [1.5, gapSlot, 0])
    expect(hasChanged).toBe(false)
    expect(count).toEqual({ ...emptyCount(), unchanged: 1 })
  })
  it('keeps the first settled close and reports the other one', () => {
    const { slots, hasChanged, count, conflicts } = merge([1.5], [1.6])
    expect([slots, hasChanged, count.conflicts]).toEqual([[1.5], false, 1])
    expect(conflicts).toEqual([{ slot: 0, stored: 1.5, offered: 1.6 }])
  })
  it('puts the other one in its place when told to, and reports it still', () => {
    const { slots, count, conflicts } = merge([1.5], [1.6], 'replace')
    expect([slots, count.conflicts, conflicts.length]).toEqual([[1.6], 1, 1])
  })
  it('never takes a close away for a gap, but fills a gap with a late close', () => {
    const { slots, count } = merge([1.5, gapSlot], [gapSlot, 1.7])
    expect(slots).toEqual([1.5, 1.7])
    expect(count).toEqual({ ...emptyCount(), gapsFilled: 1 })
  })
})
