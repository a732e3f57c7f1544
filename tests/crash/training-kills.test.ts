import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { writeTrainingRecipe } from '#tests/support/models/training-recipe'
import { runProgram } from '#tests/support/programs'
import { temporaryFolder } from '#tests/support/temporary-folder'

const tuner = join(import.meta.dirname, '..', '..', 'bin', 'tuner.mjs')
const steps = 1_200
const words = ['train', 'mine.yaml', `training.steps=${steps}`, 'training.patience=0', 'training.checkpointEvery=50']
const place = ['--db.path', 'data/miner.sqlite', '--json']

function aFolder(): string {
  const cwd = temporaryFolder()
  writeTrainingRecipe(cwd)
  return cwd
}

function runToEnd(cwd: string, ...more: string[]) {
  const { exitCode, stdout, stderr } = runProgram('tuner', [...words, ...more, ...place], { cwd })
  if (exitCode !== 0) throw new Error(stderr)
  const { runs } = JSON.parse(stdout) as { runs: Record<string, unknown>[] }
  const model = readFileSync(join(cwd, 'data', 'trained', 'mine', 'model.onnx'))
  // All but its times and its folder.
  const ends = runs.map(({ started: _, ended: __, artefact: ___, ...end }) => end)
  return { ends, hash: createHash('sha256').update(model).digest('hex') }
}

function metricsIn(cwd: string): unknown {
  const { stdout } = runProgram('tuner', ['runs', 'show', '1', ...place], { cwd })
  return (JSON.parse(stdout) as { metrics: unknown }).metrics
}

const checkpointIn = (cwd: string): string => join(cwd, 'data', 'training', 'mine-seed1.checkpoint')

/** The step of the checkpoint; 0 before the first. */
function stepIn(cwd: string): number {
  const path = checkpointIn(cwd)
  if (!existsSync(path)) return 0
  const [, header] = readFileSync(path, 'latin1').split('\n')
  return (JSON.parse(header!) as { step: number }).step
}

function start(cwd: string, ...more: string[]): { child: ChildProcess; exit: Promise<number | null> } {
  const child = spawn(process.execPath, [tuner, ...words, ...more, ...place], { cwd, stdio: 'ignore' })
  onTestFinished(() => void child.kill('SIGKILL'))
  return { child, exit: new Promise((resolve) => child.once('exit', resolve)) }
}

async function reach(cwd: string, step: number, child: ChildProcess): Promise<void> {
  while (stepIn(cwd) < step) {
    if (child.exitCode !== null) throw new Error(`the training ended with ${child.exitCode} before step ${step}`)
    await systemClock.sleep(5)
  }
}

it('ends with the same model after kill -9 as without, and with the same record', async () => {
  const straight = aFolder()
  const expected = runToEnd(straight)
  const cwd = aFolder()
  for (const step of [50, 300]) {
    const { child, exit } = start(cwd, ...(step === 50 ? [] : ['--resume']))
    await reach(cwd, step, child)
    child.kill('SIGKILL')
    await exit
    // Its process ends with it, whatever it is doing.
    let before = -1
    while (before !== statSync(checkpointIn(cwd)).mtimeMs) {
      before = statSync(checkpointIn(cwd)).mtimeMs
      await systemClock.sleep(600)
    }
    expect(stepIn(cwd)).toBeGreaterThanOrEqual(step)
    expect(stepIn(cwd)).toBeLessThan(steps)
    const { stdout } = runProgram('tuner', ['runs', 'list', ...place], { cwd })
    expect(JSON.parse(stdout)).toMatchObject({ runs: [{ id: 1, state: 'interrupted' }] })
  }
  const resumed = runToEnd(cwd, '--resume')
  expect(resumed).toEqual(expected)
  expect(metricsIn(cwd)).toEqual(metricsIn(straight))
})

it('ends at Ctrl-C with a checkpoint, and goes on from it', async () => {
  const cwd = aFolder()
  const { child, exit } = start(cwd)
  await reach(cwd, 50, child)
  child.kill('SIGINT')
  expect(await exit).toBe(75)
  const step = stepIn(cwd)
  expect(step).toBeGreaterThanOrEqual(50)
  expect(step).toBeLessThan(steps)
  const { stdout } = runProgram('tuner', ['runs', 'list', ...place], { cwd })
  expect(JSON.parse(stdout)).toMatchObject({ runs: [{ id: 1, state: 'stopped', step, reason: 'stopped' }] })
})
