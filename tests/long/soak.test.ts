import { spawn } from 'node:child_process'
import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import type { ValidatorReport } from '#standins/validator/report'
import { startBlindMiner } from '#tests/support/blind-miner'
import { startDevMarket } from '#tests/support/dev-miner'
import { slopesOf, whatIsHeld } from '#tests/support/process-watch'
import { temporaryFolder } from '#tests/support/temporary-folder'

/** A minute by default, which proves that the measuring works. A soak before a release: VOLCAST_SOAK_MINUTES=120 or more. */
const minutes = Number(process.env['VOLCAST_SOAK_MINUTES'] ?? 1)
const isSoak = minutes >= 60
/** Each sample as a line of JSON, for a picture of a long run. */
const samplesFile = process.env['VOLCAST_SOAK_SAMPLES']
const sampleEveryMs = isSoak ? 20_000 : 1_000
/** Caches, states and the pages of the database fill up in this share of the run. */
const warmShare = 0.25

/** Twice the size at which its thread empties it. */
const mostLogMb = 8
/** The most that a figure may grow per hour once it is warm. The main database takes what the journal samples. */
const mostPerHour: Readonly<Record<string, number>> = {
  'memory MB': 8,
  'open files': 1,
  threads: 0.5,
  'miner-nonces.sqlite MB': 1,
  'miner-governance.sqlite MB': 0.1,
  'miner.sqlite MB': 30,
}

it.runIf(process.platform === 'linux')(
  `L5: ${minutes} minutes at the network's cadence: every prompt answered, nothing grows`,
  { timeout: (minutes + 5) * 60_000 },
  async () => {
    const market = await startDevMarket(1)
    const folder = temporaryFolder()
    const settings = ['--db.path', join(folder, 'miner.sqlite')]
    const miner = await startBlindMiner(market, { stdio: 'ignore', settings })
    const files = ['miner.sqlite', 'miner-nonces.sqlite', 'miner-governance.sqlite']
      .flatMap((name) => [name, `${name}-wal`])
      .map((name) => join(folder, name))
    const report = join(folder, 'report.json')
    const validator = startValidator(market.url, miner.port, report)

    const held = []
    const endMs = performance.now() + minutes * 60_000
    while (performance.now() < endMs) {
      const sample = whatIsHeld(miner.child.pid!, files, performance.now())
      held.push(sample)
      if (samplesFile !== undefined) appendFileSync(samplesFile, `${JSON.stringify(sample)}\n`)
      await systemClock.sleep(sampleEveryMs)
    }
    const health = await miner.health()
    expect(await validator.ended).toBe(0)
    const { prompts, badRequests } = JSON.parse(readFileSync(report, 'utf8')) as ValidatorReport
    miner.child.kill('SIGTERM')
    expect(await miner.ended).toBe(0)

    const slopes = slopesOf(held.slice(Math.floor(held.length * warmShare)))
    console.log(
      `prompts ${JSON.stringify(prompts)}; bad requests refused ${badRequests.refused} of ${badRequests.sent}`,
    )
    for (const [name, { perHour, first, last, most }] of slopes) {
      console.log(
        `${name}: ${perHour.toFixed(2)} per hour; ${first.toFixed(1)} to ${last.toFixed(1)}, most ${most.toFixed(1)}`,
      )
    }
    expect(prompts.sent).toBeGreaterThan(0)
    expect(prompts).toMatchObject({ answered: prompts.sent, missed: 0, invalid: 0 })
    expect(badRequests.refused).toBe(badRequests.sent)
    expect(health.state).toBe('ready')
    expect(slopes.get('open files')!.most).toBeLessThan(100)
    if (!isSoak) return
    const tooSteep = [...slopes].filter(
      ([name, { perHour }]) => perHour > (mostPerHour[name] ?? Number.POSITIVE_INFINITY),
    )
    // A log may take hours to reach the size at which it is emptied.
    const tooLong = [...slopes].filter(([name, { most }]) => name.includes('-wal') && most > mostLogMb)
    expect(tooLong).toEqual([])
    expect(tooSteep).toEqual([])
  },
)

function startValidator(marketUrl: string, port: number, report: string) {
  const program = join(import.meta.dirname, '..', '..', 'bin', 'miner.mjs')
  const where = ['--market', marketUrl, '--url', `http://127.0.0.1:${port}`]
  const child = spawn(
    process.execPath,
    [program, 'dev', 'validator', ...where, '--minutes', String(minutes), '--report', report],
    { stdio: 'ignore' },
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  return { ended: new Promise<number | null>((resolve) => child.once('exit', resolve)) }
}
