import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { temporaryFolder } from '#tests/support/temporary-folder'

const compiled = (path: string) => pathToFileURL(join(import.meta.dirname, '..', '..', 'dist', path)).href

// What an installed copy runs: no loader, no sources, from another folder.
const program = `
import { WorkerScorePool } from '${compiled('adapters/scoring/worker-score-pool.js')}'
import { scoreAnswer } from '${compiled('core/scoring/crps.js')}'
const paths = { pathCount: 64, pointCount: 61, values: Float64Array.from({ length: 64 * 61 }, (_, i) => 100 + Math.sin(i * i)) }
const real = Float64Array.from({ length: 61 }, (_, i) => 100 + Math.cos(i))
const intervals = [{ name: '1min', seconds: 60 }, { name: '0_5min_gaps', seconds: 300 }, { name: '60min_abs', seconds: 3600 }]
const options = { incrementSeconds: 60, intervals, gapMode: 'firstChange', detail: 'totals', volatilityBlocks: [] }
const pool = new WorkerScorePool({ workerCount: 2 })
const scores = await Promise.all(Array.from({ length: 6 }, () => pool.score({ paths, real, options })))
await pool.close()
console.log(JSON.stringify({ expected: scoreAnswer(paths, real, options).score, scores: scores.map((each) => each.score) }))
`

it('scores on worker threads from the compiled files alone', () => {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: temporaryFolder(),
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  expect(stderr).toBe('')
  expect(status).toBe(0)
  const { expected, scores } = JSON.parse(stdout) as { expected: number; scores: number[] }
  expect(expected).toBeGreaterThan(0)
  expect(scores).toStrictEqual(Array.from({ length: 6 }, () => expected))
})
