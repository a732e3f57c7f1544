import { expect, it } from 'vitest'
import type { Clock } from '#core/base/time/clock'
import { RefusalPacer } from './refusal-pacer.ts'

const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

it('writes at once in quiet times; a flood is spread over turns in order, and what is too much is dropped', async () => {
  let nowMs = 0
  const clock: Clock = { nowMs: () => nowMs, monotonicMs: () => nowMs, sleep: () => Promise.resolve() }
  const pacer = new RefusalPacer(clock)
  const written: number[] = []
  let dropped = 0
  const refuse = (i: number) =>
    pacer.pace({
      // Each costs half a millisecond.
      write: () => {
        nowMs += 0.5
        written.push(i)
      },
      drop: () => {
        dropped += 1
      },
    })
  refuse(0)
  expect(written).toEqual([0])
  await nextTurn()
  for (let i = 1; i <= 5_000; i += 1) refuse(i)
  expect(written).toHaveLength(11)
  expect(dropped).toBe(5_000 - 10 - 4_000)
  await nextTurn()
  expect(written).toHaveLength(21)
  while (written.length < 4_011) await nextTurn()
  expect(written).toEqual([...written].sort((a, b) => a - b))
  await nextTurn()
  refuse(9_999)
  expect(written.at(-1)).toBe(9_999)
})
