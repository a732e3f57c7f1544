import { existsSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runProgram, startMiner } from '#tests/support/programs'
import { temporaryFolder } from '#tests/support/temporary-folder'

describe('miner', () => {
  it('starts in an empty folder, shows its health, and stops in order on the first signal', async () => {
    const cwd = temporaryFolder()
    const miner = await startMiner(['--health.port', '0'], { cwd })
    const answer = await fetch(`${miner.healthUrl}/health`)
    expect(answer.status).toBe(200)
    const { parts } = (await answer.json()) as { parts: Record<string, { state: string; sentence: string }> }
    expect(parts['database']?.state).toBe('ok')
    expect(parts['axon']?.state).toBe('notConfigured')
    // No venue answers here, and it says so.
    expect(parts['prices']).toMatchObject({ state: 'degraded', sentence: expect.stringContaining('BTC') as string })
    const page = await (await fetch(miner.healthUrl)).text()
    expect(page).toContain('<h1>volcast miner: degraded</h1>')
    miner.child.kill('SIGTERM')
    expect(await miner.exit).toBe(0)
    expect(miner.lines.some((line) => line.includes('"event":"miner.stopped"'))).toBe(true)
  })

  it('refuses a second miner on the same database, and starts again after the first was killed', async () => {
    const cwd = temporaryFolder()
    const first = await startMiner(['--health.port', '0'], { cwd })
    const second = runProgram('miner', ['start', '--health.port', '0'], { cwd })
    expect(second.stderr).toContain(`DATA_DIR_LOCKED: Another miner (process ${first.child.pid})`)
    expect(second.exitCode).toBe(3)
    first.child.kill('SIGKILL')
    await first.exit
    const third = await startMiner(['--health.port', '0'], { cwd })
    expect((await fetch(`${third.healthUrl}/health`)).status).toBe(200)
  })

  it('says which port is taken and leaves nothing behind', async () => {
    const cwd = temporaryFolder()
    const holder = createServer()
    const port = await new Promise<number>((resolve) => {
      holder.listen(0, '127.0.0.1', () => resolve((holder.address() as { port: number }).port))
    })
    const refused = runProgram('miner', ['--health.port', String(port)], { cwd })
    holder.close()
    expect(refused.stderr).toContain(`127.0.0.1:${port} (EADDRINUSE)`)
    expect(refused.exitCode).toBe(4)
  })

  it('reports every configuration mistake at once, before anything is opened', () => {
    const cwd = temporaryFolder()
    writeFileSync(join(cwd, 'volcast.yaml'), 'health:\n  prot: 1\n')
    const refused = runProgram('miner', ['--log.level', 'loud'], { cwd, env: { VOLCAST_DB_PAHT: 'x' } })
    expect(refused.exitCode).toBe(78)
    expect(refused.stderr).toContain('volcast.yaml: health.prot is unknown. Did you mean health.port?')
    expect(refused.stderr).toContain('--log.level')
    expect(refused.stderr).toContain('Did you mean VOLCAST_DB_PATH?')
    expect(existsSync(join(cwd, 'data'))).toBe(false)
  })
})

describe('tuner', () => {
  it('answers an unknown command with the nearest one and exit 64', () => {
    const refused = runProgram('tuner', ['confg'], { cwd: temporaryFolder() })
    expect(refused.exitCode).toBe(64)
    expect(refused.stderr).toContain('config')
  })
  it('shows its configuration as JSON', () => {
    const shown = runProgram('tuner', ['config', 'show', '--json', '--db.path', 'elsewhere.sqlite'], {
      cwd: temporaryFolder(),
    })
    expect((JSON.parse(shown.stdout) as { settings: unknown[] }).settings).toContainEqual({
      key: 'db.path',
      value: 'elsewhere.sqlite',
      source: 'flag',
    })
  })
})

describe.each(['miner', 'tuner'] as const)('shell completion of %s', (name) => {
  it('writes a script, and completes commands from their first letters', () => {
    const cwd = temporaryFolder()
    expect(runProgram(name, ['completion', 'bash'], { cwd }).stdout).toContain(`# bash completion for ${name}`)
    const completed = runProgram(name, ['complete', '--', 'conf'], { cwd })
    expect(completed.stdout).toMatch(/^config\tinspect the configuration$/m)
    // Half a setting is no mistake while it is typed.
    expect(runProgram(name, ['complete', '--', 'config', '--config'], { cwd }).exitCode).toBe(0)
  })
})
