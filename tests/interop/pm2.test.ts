import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { anInstallation } from '#tests/support/small-installation'
import { folderForAll, temporaryFolder } from '#tests/support/temporary-folder'
import { waitUntil } from '#tests/support/wait-until'

// A separate program under the AGPL, hence no dependency of ours: npm install --prefix .cache/pm2 pm2@7.0.4
const program = join(import.meta.dirname, '..', '..', '.cache', 'pm2', 'node_modules', 'pm2', 'bin', 'pm2')
const isThere = existsSync(program)
if (!isThere) console.log('skipped: no pm2 in .cache/pm2')

interface App {
  readonly name: string
  readonly pm2_env: Readonly<Record<string, unknown>>
}

/** A pm2 with its own daemon and its own settings, gone after the test. */
function ownPm2(env: NodeJS.ProcessEnv = {}) {
  const home = temporaryFolder()
  const call = (cwd: string, ...args: readonly string[]): string => {
    const given = { ...process.env, VOLCAST_TEST_BUILT: undefined, ...env, PM2_HOME: home }
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
      ...{ cwd, env: given, encoding: 'utf8' },
    })
    if (status !== 0) throw new Error(`pm2 ${args.join(' ')} ended with ${status}: ${stdout} ${stderr}`)
    return stdout
  }
  onTestFinished(() => void call(home, 'kill'))
  return {
    call,
    app: (name = 'miner') => {
      const answer = call(home, 'jlist')
      const apps = JSON.parse(answer.slice(answer.indexOf('['))) as App[]
      return apps.find((one) => one.name === name)?.pm2_env ?? {}
    },
  }
}

/** Says what it was given, is ready only when told so, and ends with the code in the file `exit`. */
const body = `import { appendFileSync, existsSync, readFileSync } from 'node:fs'
appendFileSync('started', process.argv.slice(2).join(' ') + '\\n')
if (existsSync('exit')) process.exit(Number(readFileSync('exit', 'utf8')))
const wait = setInterval(() => {
  if (!existsSync('go')) return
  clearInterval(wait)
  process.send!('ready')
}, 20)
process.on('SIGINT', () => process.exit(0))
setInterval(() => {}, 1000)
`

function aClone(folder: string): string {
  anInstallation(folder)
  writeFileSync(join(folder, 'daemon', 'main.ts'), body)
  return folder
}

let built: string
beforeAll(() => {
  if (!isThere) return
  built = folderForAll()
  aClone(built)
  const { status, stderr } = spawnSync(process.execPath, [join(built, 'scripts', 'build.mjs'), '--at-start'])
  if (status !== 0) throw new Error(String(stderr))
})

function aBuiltClone(): string {
  const folder = temporaryFolder()
  cpSync(built, folder, { recursive: true, verbatimSymlinks: true })
  return folder
}

const rules = {
  wait_ready: true,
  kill_timeout: 20_000,
  stop_exit_codes: [3, 4, 5, 64, 78],
  exp_backoff_restart_delay: 500,
  max_memory_restart: 2 ** 30,
}

describe.skipIf(!isThere)('pm2 start miner', () => {
  it('builds a clone, is up only when the miner says so, and follows the rules of the ecosystem file', async () => {
    const folder = aClone(temporaryFolder())
    const pm2 = ownPm2()
    pm2.call(folder, 'start', 'miner', '--', '--config', 'mine.yaml')
    await waitUntil(() => existsSync(join(folder, 'started')))
    expect(pm2.app()).toMatchObject({ status: 'launching', restart_time: 1, ...rules })
    writeFileSync(join(folder, 'go'), '')
    await waitUntil(() => pm2.app()['status'] === 'online')
    expect(pm2.app()).toMatchObject({ restart_time: 1, args: ['--config', 'mine.yaml'], pm_cwd: folder })
    // The rules stay, so that further starts are plain ones.
    pm2.call(folder, 'restart', 'miner')
    expect(pm2.app()).toMatchObject({ status: 'online', restart_time: 2, ...rules })
  })
  it('stops for good when a setting is wrong, and says that it has stopped', async () => {
    const folder = aBuiltClone()
    writeFileSync(join(folder, 'exit'), '78')
    const pm2 = ownPm2()
    pm2.call(folder, 'start', 'miner')
    await waitUntil(() => pm2.app()['status'] === 'stopped' && pm2.app()['exit_code'] === 78)
    expect(pm2.app()).toMatchObject({ restart_time: 1, ...rules })
  })
  it('tries again with a growing delay what may succeed later, such as a build without a registry', async () => {
    const folder = aBuiltClone()
    writeFileSync(join(folder, 'exit'), '75')
    const pm2 = ownPm2()
    pm2.call(folder, 'start', 'miner')
    await waitUntil(() => Number(pm2.app()['prev_restart_delay']) > 500)
    expect(pm2.app()).toMatchObject(rules)
  })
  it('works from any folder after "npm link", under another name too', async () => {
    const folder = aBuiltClone()
    const bin = temporaryFolder()
    symlinkSync(join(folder, 'miner'), join(bin, 'miner'))
    const elsewhere = join(temporaryFolder(), 'second')
    mkdirSync(elsewhere)
    writeFileSync(join(elsewhere, 'go'), '')
    const pm2 = ownPm2({ PATH: `${bin}:${process.env['PATH']}` })
    pm2.call(elsewhere, 'start', 'miner', '--name', 'second')
    await waitUntil(() => pm2.app('second')['status'] === 'online' && existsSync(join(elsewhere, 'started')))
    expect(pm2.app('second')).toMatchObject({ ...rules, pm_cwd: elsewhere })
    expect(existsSync(join(elsewhere, 'started'))).toBe(true)
  })
})

describe.skipIf(!isThere)('pm2 start ecosystem.config.cjs', () => {
  it('runs one miner in the checkout', async () => {
    const folder = aBuiltClone()
    writeFileSync(join(folder, 'go'), '')
    const pm2 = ownPm2()
    pm2.call(folder, 'start', 'ecosystem.config.cjs')
    expect(pm2.app()).toMatchObject({ status: 'online', ...rules, pm_cwd: folder, args: ['start'] })
  })
  it('runs a miner for each folder of a hotkey, each under the rules, and a wrong one stops alone', async () => {
    const folder = aBuiltClone()
    const place = (name: string, file: string, text: string) => {
      mkdirSync(join(folder, 'hotkeys', name), { recursive: true })
      writeFileSync(join(folder, 'hotkeys', name, 'volcast.yaml'), '')
      writeFileSync(join(folder, 'hotkeys', name, file), text)
    }
    place('first', 'go', '')
    place('second', 'go', '')
    place('wrong', 'exit', '78')
    mkdirSync(join(folder, 'hotkeys', 'notes'))
    const pm2 = ownPm2()
    // From anywhere, as the boot script of pm2 would.
    pm2.call(temporaryFolder(), 'start', join(folder, 'ecosystem.config.cjs'))
    for (const name of ['first', 'second']) {
      expect(pm2.app(name)).toMatchObject({ status: 'online', ...rules, pm_cwd: join(folder, 'hotkeys', name) })
    }
    await waitUntil(() => pm2.app('wrong')['status'] === 'stopped' && pm2.app('wrong')['exit_code'] === 78)
    expect(pm2.app('notes')).toEqual({})
    expect(pm2.app('miner')).toEqual({})
  })
})
