import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { hourMs } from '#core/base/time/units'
import { slopesOf, whatIsHeld } from './process-watch.ts'
import { temporaryFolder } from './temporary-folder.ts'

it('finds a leak in figures that move up and down, and none where there is none', () => {
  const held = Array.from({ length: 60 }, (_, i) => ({
    atMs: (i * hourMs) / 30,
    figures: { leak: 100 + i / 10 + (i % 3), flat: 100 + (i % 3) },
  }))
  const slopes = slopesOf(held)
  expect(slopes.get('leak')!.perHour).toBeCloseTo(3, 0)
  expect(Math.abs(slopes.get('flat')!.perHour)).toBeLessThan(0.1)
  expect(slopes.get('leak')).toMatchObject({ first: 100, last: 107.9 })
})

it.runIf(process.platform === 'linux')('reads memory, open files, threads and sizes of files', () => {
  const file = join(temporaryFolder(), 'some.sqlite')
  writeFileSync(file, Buffer.alloc(2_000_000))
  const { figures } = whatIsHeld(process.pid, [file, `${file}-wal`], 0)
  expect(figures['memory MB']).toBeGreaterThan(20)
  expect(figures['open files']).toBeGreaterThan(2)
  expect(figures['threads']).toBeGreaterThan(2)
  expect(figures).toMatchObject({ 'some.sqlite MB': 2, 'some.sqlite-wal MB': 0 })
})
