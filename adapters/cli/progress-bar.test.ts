import { expect, it } from 'vitest'
import { TestClock } from '#tests/support/test-clock'
import { LineProgress } from './progress-bar.ts'

it('writes a line every five seconds where there is no terminal, with what is left', async () => {
  const lines: string[] = []
  const clock = new TestClock()
  const progress = new LineProgress((line) => lines.push(line), clock)
  for (let done = 0; done <= 100; done += 10) {
    progress.update('scores', done, 100)
    await clock.advance(2_000)
  }
  progress.stop()
  expect(lines).toEqual([
    'scores: 30 of 100 (30 %), about 14 s left',
    'scores: 60 of 100 (60 %), about 8 s left',
    'scores: 90 of 100 (90 %), about 2 s left',
  ])
})
