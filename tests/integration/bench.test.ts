import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..', '..')

function runBench(args: readonly string[]) {
  return spawnSync(process.execPath, ['--import', 'tsx', 'scripts/bench.ts', ...args], { cwd: root, encoding: 'utf8' })
}

describe('npm run bench', () => {
  it('prints one line of JSON with the figures of the scoring bench', () => {
    const { stdout, status } = runBench(['scoring', '--json'])
    expect(status).toBe(0)
    expect(stdout.trim().split('\n')).toHaveLength(1)
    const figures = JSON.parse(stdout) as Record<string, number>
    for (const name of ['low_ms', 'high_ms', 'sort_ms', 'rss_mb']) expect(figures[name]).toBeGreaterThan(0)
    expect(figures['runs']).toBeGreaterThanOrEqual(50)
    // Figures differ from machine to machine; that the compiled kernel is worth its keep does not.
    expect(figures['low_gain']).toBeGreaterThan(3)
    expect(figures['sort_gain']).toBeGreaterThan(3)
  })

  it('says which benches there are when it knows none of that name', () => {
    const { stderr, status } = runBench(['nothing'])
    expect(status).toBe(64)
    expect(stderr).toMatch(/There is no bench "nothing"; known: .*replay.*scoring/)
  })

  it('refuses a number of runs that is none', () => {
    const { stderr, status } = runBench(['scoring', '--runs', 'many'])
    expect(status).toBe(64)
    expect(stderr).toContain('--runs is "many"')
  })
})
