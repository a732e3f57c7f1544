import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runProgram } from '#tests/support/programs'
import { temporaryFolder } from '#tests/support/temporary-folder'

const start = Date.UTC(2026, 8, 25, 12, 1) / 1000
const path = (step: number): number[] => Array.from({ length: 61 }, (_, i) => 100 + ((i * step) % 7) / 8)

it('scores an answer from files, and leaves nothing behind', () => {
  const cwd = temporaryFolder()
  writeFileSync(join(cwd, 'answer.json'), JSON.stringify([start, 60, path(1), path(3)]))
  writeFileSync(join(cwd, 'real.json'), JSON.stringify({ real_prices: path(2) }))
  const files = ['--prediction', 'answer.json', '--realized', 'real.json']
  const asText = runProgram('tuner', ['score', ...files], { cwd })
  const asJson = runProgram('tuner', ['score', ...files, '--json'], { cwd })
  expect([asText.exitCode, asJson.exitCode, asText.stderr]).toEqual([0, 0, ''])
  expect(asText.stdout).toContain(`total ${(JSON.parse(asJson.stdout) as { total: number }).total}`)
  expect(readdirSync(cwd).sort()).toEqual(['answer.json', 'real.json'])
})

it('ends with 65 and one sentence with the place when a file is bad', () => {
  const cwd = temporaryFolder()
  writeFileSync(join(cwd, 'answer.json'), `[${start},\n60,\n[1,NaN]]`)
  writeFileSync(join(cwd, 'real.json'), '[1,2]')
  const score = (...flags: string[]) =>
    runProgram('tuner', ['score', '--prediction', 'answer.json', '--realized', 'real.json', ...flags], { cwd })
  const refused = score('--length', '3600')
  expect(refused.exitCode).toBe(65)
  expect(refused.stderr).toMatch(/^INPUT_INVALID: answer\.json:3:1 \(\$\[2\]\): .*expected 61, got 2\.$/m)
  expect(refused.stdout).toBe('')
  expect(score('--regime', 'never').stderr).toContain('Known: ')
  expect(runProgram('tuner', ['score', '--prediction', 'no.json', '--realized', 'real.json'], { cwd }).exitCode).toBe(
    65,
  )
})
