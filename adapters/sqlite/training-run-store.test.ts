import { expect, it } from 'vitest'
import type { NewTrainingRun, TrainingMetric } from '#core/tuning/training/training-runs'
import { TestClock } from '#tests/support/test-clock'
import { openTestDatabase } from '#tests/support/test-database'
import { SqliteTrainingRunStore } from './training-run-store.ts'

const run: NewTrainingRun = {
  ...{ recipeName: 'toy', recipeHash: '0123456789ab', recipe: 'name: toy\n', seed: 1, fold: undefined },
  ...{
    codeVersion: '0.1.0',
    dataHash: 'ffff',
    dataFromMs: 1,
    dataToMs: 2,
    steps: 100,
    owner: 'here/1/1',
    startedAtMs: 5,
  },
}
const metric = (step: number, trainingLoss: number): TrainingMetric => ({
  ...{ step, trainingLoss, validationLoss: undefined, learningRate: 0.1, gradientLength: 2 },
})
const ended = {
  ...({ state: 'done', step: 100, bestStep: 80, bestLoss: 0.25, reason: undefined, artefact: 'models/toy' } as const),
  comparison: {
    ...({ part: 'test', windows: 9, model: { mean: 1, low: 0.5, high: 1.5 } } as const),
    ...{ calibrated: { mean: 2, low: null, high: null }, difference: { mean: -1, low: -2, high: 0 } },
  },
}

function open() {
  const clock = new TestClock()
  return { store: new SqliteTrainingRunStore(openTestDatabase(), clock), clock }
}

it('keeps what was trained, on what, and how it ended', () => {
  const { store, clock } = open()
  const id = store.start(run)
  expect(store.find(id)).toMatchObject({ ...run, id, state: 'running', step: 0, endedAtMs: undefined })
  store.addMetric(id, metric(10, 3))
  store.addMetric(id, { ...metric(20, 2), validationLoss: 1.5 })
  // A step that a resumed run takes again.
  store.addMetric(id, metric(10, 2.5))
  expect(store.metricsOf(id)).toEqual([metric(10, 2.5), { ...metric(20, 2), validationLoss: 1.5 }])
  expect(store.find(id)?.step).toBe(20)
  store.end(id, ended)
  expect(store.find(id)).toEqual({ ...run, ...ended, id, endedAtMs: clock.nowMs() })
})

it('finds the newest run of the same recipe, seed and fold', () => {
  const { store } = open()
  expect(store.findLast(run)).toBeUndefined()
  store.end(store.start(run), ended)
  const first = store.start({ ...run, fold: 0 })
  const second = store.start(run)
  store.end(second, { ...ended, state: 'stopped', reason: 'asked' })
  expect(store.findLast(run)?.id).toBe(second)
  expect(store.findLast({ ...run, fold: 0 })?.id).toBe(first)
  for (const other of [{ seed: 2 }, { recipeHash: 'ba9876543210' }]) {
    expect(store.findLast({ ...run, ...other })).toBeUndefined()
  }
  store.reopen(second, 'here/2/2')
  expect(store.find(second)).toMatchObject({ state: 'running', owner: 'here/2/2', reason: undefined })
  expect(store.list(2).map(({ id }) => id)).toEqual([second, first])
})
