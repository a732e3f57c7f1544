import { spawn, spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { anInstallation, release } from '#tests/support/small-installation'

const env = {
  ...process.env,
  VOLCAST_TEST_BUILT: undefined,
  npm_config_registry: 'http://127.0.0.1:9',
  npm_config_fetch_retries: '0',
}

function run(folder: string, program: 'miner' | 'tuner', ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, 'bin', `${program}.mjs`), ...args], {
    encoding: 'utf8',
    env,
  })
  return { status, stdout, stderr }
}

const refusal =
  'dist/ was built from other sources than those beside it: run "npm run build", then restart the miner.\n'

describe('after the sources changed', { timeout: 300_000 }, () => {
  it('the miner builds before it starts, and everything else refuses an old build', () => {
    const folder = anInstallation()
    const first = run(folder, 'miner', 'start')
    expect([first.status, first.stdout]).toEqual([0, 'daemon one\n'])
    expect(first.stderr).toMatch(/^volcast is not built yet[.] This is done once/)
    expect(run(folder, 'tuner')).toEqual({ status: 0, stdout: 'tuner one\n', stderr: '' })

    // As a checkout leaves it: other bytes, of the same length.
    release(folder, 'two')
    expect(run(folder, 'tuner')).toEqual({ status: 78, stdout: '', stderr: refusal })
    expect(run(folder, 'miner', 'wallet', 'show')).toEqual({ status: 78, stdout: '', stderr: refusal })
    const again = run(folder, 'miner')
    expect(again.stdout).toBe('daemon two\n')
    expect(again.stderr).toMatch(/^dist.* Building it again [.]{3}\n/)
    expect(run(folder, 'miner')).toEqual({ status: 0, stdout: 'daemon two\n', stderr: '' })

    // Only touched: the content counts.
    utimesSync(join(folder, 'daemon', 'main.ts'), new Date(), new Date())
    expect(run(folder, 'miner')).toEqual({ status: 0, stdout: 'daemon two\n', stderr: '' })

    // Without sources, as in the container image, the build runs as it is.
    for (const name of ['daemon', 'tuner', 'scripts']) rmSync(join(folder, name), { recursive: true })
    expect(run(folder, 'miner')).toEqual({ status: 0, stdout: 'daemon two\n', stderr: '' })
  })
  it.each(['miner', 'tuner'] as const)('what was never built is built by %s, whatever the command', (program) => {
    const folder = anInstallation()
    // A shell that completes a line must not wait for minutes.
    const completion = run(folder, program, 'complete', '--', 'co')
    expect(completion).toEqual({ status: 78, stdout: '', stderr: 'volcast is not built yet: run "npm run build".\n' })
    const first = run(folder, program, 'config', 'show')
    expect([first.status, first.stdout]).toEqual([0, `${program === 'miner' ? 'daemon' : 'tuner'} one\n`])
    expect(first.stderr).toMatch(/^volcast is not built yet/)
  })
  it('a build without its packages installs them, and says so when it cannot', () => {
    const folder = anInstallation()
    expect(run(folder, 'tuner').stdout).toBe('tuner one\n')
    rmSync(join(folder, 'node_modules'))
    // No registry answers here.
    const lost = run(folder, 'tuner', 'config', 'show')
    expect([lost.status, lost.stdout]).toEqual([75, ''])
    expect(lost.stderr).toMatch(/volcast could not be built: run "npm ci && npm run build"[.]\n$/)
    expect(lost.stderr).not.toContain('ERR_MODULE_NOT_FOUND')
  })
  it('a build that fails or was cut off does not count as one', () => {
    const folder = anInstallation()
    expect(run(folder, 'miner').stdout).toBe('daemon one\n')
    appendFileSync(join(folder, 'daemon', 'main.ts'), 'console.log(\n')
    const failed = run(folder, 'miner')
    expect([failed.status, failed.stdout]).toEqual([75, ''])
    expect(failed.stderr).toMatch(/an old build must not run: run "npm ci && npm run build"[.]\n$/)
    expect(existsSync(join(folder, 'dist', 'built-from.json'))).toBe(false)
    release(folder, 'one')
    expect(run(folder, 'tuner').status).toBe(78)
    expect(run(folder, 'miner').stdout).toBe('daemon one\n')
  })
  it('two miners that start at once share one build, and the one that waits says so', async () => {
    const folder = anInstallation()
    let said = ''
    const outputs = await Promise.all(
      [1, 2].map(
        () =>
          new Promise<string>((resolve) => {
            const child = spawn(process.execPath, [join(folder, 'bin', 'miner.mjs')], {
              stdio: ['ignore', 'pipe', 'pipe'],
              env,
            })
            let output = ''
            child.stderr.on('data', (chunk: Buffer) => {
              said += chunk.toString()
            })
            child.stdout.on('data', (chunk: Buffer) => {
              output += chunk.toString()
            })
            child.on('close', () => resolve(output))
          }),
      ),
    )
    expect(outputs).toEqual(['daemon one\n', 'daemon one\n'])
    expect(said).toMatch(
      /Another command installs or builds here; waiting for it [.]{3}\n(?:.|\n)*The other command is done[.]\n/,
    )
  })
})
