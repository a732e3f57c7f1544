import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { writeTrainingRecipe } from '#tests/support/models/training-recipe'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { runTuner, splitLine } from '#tests/support/tuner-lab'

function aFolder(): string {
  const cwd = temporaryFolder()
  // Workers that run from the sources find their loader from the working folder.
  symlinkSync(join(import.meta.dirname, '..', '..', 'node_modules'), join(cwd, 'node_modules'))
  writeTrainingRecipe(cwd)
  return cwd
}

const tell = (cwd: string, line: string) =>
  runTuner([...splitLine(line), '--db.path', join('data', 'miner.sqlite')], { cwd })

it('trains with several seeds at once, and shows them side by side', async () => {
  const cwd = aFolder()
  const { exitCode, lines } = await tell(cwd, 'train mine.yaml --seeds 1,2 --processes 2 --json')
  expect(exitCode).toBe(0)
  const { runs } = JSON.parse(lines.join('\n')) as { runs: Record<string, unknown>[] }
  expect(runs.map(({ id, seed, state, step }) => ({ id, seed, state, step }))).toEqual([
    { id: 1, seed: 1, state: 'done', step: 40 },
    { id: 2, seed: 2, state: 'done', step: 40 },
  ])
  for (const { seed, bestLoss, comparison } of runs) {
    expect(bestLoss).toBeGreaterThan(0)
    expect(comparison).toMatchObject({ part: 'test' })
    const folder = join(cwd, 'data', 'trained', `seed-${String(seed)}`, 'mine')
    const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as { training: object }
    expect(readdirSync(folder).sort()).toEqual(['golden.json', 'manifest.json', 'model.onnx'])
    expect(manifest.training).toMatchObject({ recipe: runs[0]!['recipeHash'], baseline: { name: 'calibrated' } })
  }
  const compared = await tell(cwd, 'runs compare 1 2 --json')
  expect(JSON.parse(compared.lines.join('\n'))).toMatchObject({ isSameData: true, settings: [] })
  const shown = await tell(cwd, 'runs show 2 --json')
  const { metrics } = JSON.parse(shown.lines.join('\n')) as { metrics: { step: number }[] }
  expect(metrics.map(({ step }) => step)).toEqual([10, 20, 30, 40])
  // Nothing is left to do, so nothing is done.
  const again = await tell(cwd, 'train mine.yaml --resume --json')
  expect((JSON.parse(again.lines.join('\n')) as { runs: object[] }).runs).toMatchObject([{ id: 1, state: 'done' }])
})

it.each([
  ['train mine.yaml model.poolin=last training.steps=0', [/model[.]poolin/, /training[.]steps/]],
  ['train mine.yaml data.days=1', [/validation has no window/]],
  ['train mine.yaml split.embargoMinutes=5', [/split[.]embargoMinutes/]],
  ['train none.yaml', [/none[.]yaml/]],
])('finds what is wrong before it trains: %s', async (line, problems) => {
  const cwd = aFolder()
  const { exitCode, warnings } = await tell(cwd, line)
  expect(exitCode).toBe(65)
  for (const problem of problems) expect(warnings.join('\n')).toMatch(problem)
  expect(existsSync(join(cwd, 'data', 'training'))).toBe(false)
  expect((await tell(cwd, 'runs list')).lines).toEqual([])
})

it('refuses the checkpoint of another recipe by name', async () => {
  const cwd = aFolder()
  expect((await tell(cwd, 'train mine.yaml training.steps=10')).exitCode).toBe(0)
  const kept = readFileSync(join(cwd, 'data', 'training', 'mine-seed1.checkpoint'))
  const { exitCode, warnings, lines } = await tell(cwd, 'train mine.yaml model.width=4 --resume')
  expect(exitCode).toBe(65)
  expect(warnings.join('\n')).toMatch(/CHECKPOINT_REFUSED: .*it is of recipe [0-9a-f]{12}, not of/)
  expect(lines.join('\n')).toContain('failed after 0 of 40 steps')
  expect(readFileSync(join(cwd, 'data', 'training', 'mine-seed1.checkpoint'))).toEqual(kept)
})

it('ends where a checkpoint cannot be written, and says so by its exit code', async () => {
  const cwd = aFolder()
  mkdirSync(join(cwd, 'data'))
  // A file in the place of the folder of checkpoints.
  writeFileSync(join(cwd, 'data', 'training'), '')
  const { exitCode, warnings } = await tell(cwd, 'train mine.yaml')
  expect(exitCode).toBe(75)
  expect(warnings.join('\n')).toMatch(/TRAINING_STOPPED: .*checkpoint cannot be written/)
})
