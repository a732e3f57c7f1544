// `pm2 start miner` finds the file `miner` of this folder, or the command that `npm link` made, and runs it without any
// rules: up at once, and started again and again when a setting is wrong. So the first run has pm2 start it again with
// the rules of ecosystem.config.cjs. pm2 keeps them, also in "pm2 save".
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const answerMs = 20_000

/** Resolves when the rules are in force, or when there is no pm2. */
export async function followEcosystem() {
  const { env } = process
  const pm2 = findPm2()
  if (pm2 === undefined) return
  const rules = readRules()
  if (env.wait_ready === 'true') {
    // pm2 shows "waiting restart" for what has ended with one of these and waits for nothing.
    process.once('exit', (code) => {
      if (rules.stop_exit_codes.includes(code)) callPm2(pm2, ['stop', env.pm_id])
    })
    return
  }
  process.stderr.write('pm2 starts the miner again with the rules of ecosystem.config.cjs ...\n')
  const started = callPm2(pm2, ['start', '-'])
  started.stdin.end(JSON.stringify({ apps: [{ ...rules, name: env.name, script: env.pm_exec_path }] }))
  // It ends this process, before the answer.
  await sleep(answerMs)
  process.stderr.write('pm2 did not do so; the miner runs without them. Use "pm2 start ecosystem.config.cjs".\n')
}

/** pm2's own folder when it runs this process, from the file in which it loads ours. */
function findPm2() {
  if (process.env.pm_id === undefined || process.argv[1] === undefined) return undefined
  const program = join(dirname(dirname(process.argv[1])), 'bin', 'pm2')
  return existsSync(program) ? program : undefined
}

/** What describes the program there describes the running one already. */
function readRules() {
  const { apps } = createRequire(import.meta.url)('../ecosystem.config.cjs')
  const { name, cwd, script, args, node_args, ...rules } = apps[0]
  return rules
}

function callPm2(program, args) {
  // Without pm2's variables of this process, which it would take for settings.
  const { PATH, HOME, PM2_HOME } = process.env
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { PATH, HOME, PM2_HOME },
    detached: true,
  })
  child.unref()
  return child
}
