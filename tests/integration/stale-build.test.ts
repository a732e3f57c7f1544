import { spawn, spawnSync } from 'node:child_process'
import { appendFileSync, cpSync, existsSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '#tests/support/temporary-folder'

const root = join(import.meta.dirname, '..', '..')

const env = { ...process.env, VOLCAST_TEST_BUILT: undefined }

/** The real programs, build and compiler around a miner of one line. */
function anInstallation(): string {
  const folder = temporaryFolder()
  for (const name of ['bin', 'package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json']) {
    cpSync(join(root, name), join(folder, name), { recursive: true })
  }
  mkdirSync(join(folder, 'scripts'))
  for (const name of ['build.mjs', 'install.mjs']) cpSync(join(root, 'scripts', name), join(folder, 'scripts', name))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  release(folder, 'one')
  return folder
}

function release(folder: string, name: string): void {
  for (const program of ['daemon', 'tuner']) {
    mkdirSync(join(folder, program), { recursive: true })
    writeFileSync(join(folder, program, 'main.ts'), `console.log('${program} ${name}')\n`)
  }
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
    expect(first.stderr).toMatch(/Building it again [.]{3}\nBuilt in [\d.]+ s[.]\n$/)
    expect(run(folder, 'tuner')).toEqual({ status: 0, stdout: 'tuner one\n', stderr: '' })

    // As a checkout leaves it: other bytes, of the same length.
    release(folder, 'two')
    expect(run(folder, 'tuner')).toEqual({ status: 78, stdout: '', stderr: refusal })
    expect(run(folder, 'miner', 'wallet', 'show')).toEqual({ status: 78, stdout: '', stderr: refusal })
    expect(run(folder, 'miner').stdout).toBe('daemon two\n')
    expect(run(folder, 'miner')).toEqual({ status: 0, stdout: 'daemon two\n', stderr: '' })

    // Only touched: the content counts.
    utimesSync(join(folder, 'daemon', 'main.ts'), new Date(), new Date())
    expect(run(folder, 'miner')).toEqual({ status: 0, stdout: 'daemon two\n', stderr: '' })

    // Without sources, as in the container image, the build runs as it is.
    for (const name of ['daemon', 'tuner', 'scripts']) rmSync(join(folder, name), { recursive: true })
    expect(run(folder, 'miner')).toEqual({ status: 0, stdout: 'daemon two\n', stderr: '' })
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
  it('two miners that start at once share one build', async () => {
    const folder = anInstallation()
    const outputs = await Promise.all(
      [1, 2].map(
        () =>
          new Promise<string>((resolve) => {
            const child = spawn(process.execPath, [join(folder, 'bin', 'miner.mjs')], {
              stdio: ['ignore', 'pipe', 'ignore'],
              env,
            })
            let output = ''
            child.stdout.on('data', (chunk: Buffer) => {
              output += chunk.toString()
            })
            child.on('close', () => resolve(output))
          }),
      ),
    )
    expect(outputs).toEqual(['daemon one\n', 'daemon one\n'])
  })
})
