import { expect, it } from 'vitest'
import { OnnxGraphRuntime } from '#adapters/onnx/graph-sessions'
import type { GraphRuntime } from '#core/forecast/models/onnx/graph-runtime'
import { aToyJob, MemoryCheckpoint, toyWindows } from '#tests/support/models/toy-training'
import type { TrainingLook } from './checkpoint.ts'
import { type TrainingJob, type TrainingOptions, trainModel } from './train-model.ts'

const runtime = new OnnxGraphRuntime()

async function weightsOf(job: TrainingJob, options: TrainingOptions = {}): Promise<Float32Array> {
  const end = await trainModel(runtime, job, options)
  if (end.kind !== 'done') throw new Error(JSON.stringify(end))
  return end.weights
}

/** Stops it before step `at`. */
function stopAt(at: number): TrainingOptions {
  let step = 0
  const onStep = (progress: { readonly step: number }) => {
    step = progress.step
  }
  return { onStep, stop: () => (step >= at ? 'asked' : undefined) }
}

it('learns, and keeps the weights with the lowest validation loss', async () => {
  const looks: TrainingLook[] = []
  const end = await trainModel(runtime, aToyJob(), { onLook: (look) => void looks.push(look) })
  expect(looks.map(({ step }) => step)).toEqual([10, 20, 30, 40, 50, 60])
  const losses = looks.map(({ validationLoss }) => validationLoss!)
  expect(losses.at(-1)).toBeLessThan(losses[0]! - 0.02)
  const best = losses.indexOf(Math.min(...losses))
  expect(end).toMatchObject({
    kind: 'done',
    step: 60,
    bestStep: 10 * (best + 1),
    bestLoss: losses[best],
    isEarly: false,
  })
})

it('ends with the same weights to the last bit, however often it was stopped and resumed', async () => {
  const job = aToyJob()
  const looks: TrainingLook[] = []
  const straight = await weightsOf(job, { onLook: (look) => void looks.push(look) })
  const checkpoints = new MemoryCheckpoint()
  const resumedLooks = new Map<number, TrainingLook>()
  const onLook = (look: TrainingLook) => void resumedLooks.set(look.step, look)
  for (const at of [1, 17, 40]) {
    const end = await trainModel(runtime, job, { checkpoints, resume: true, onLook, ...stopAt(at) })
    expect(end).toEqual({ kind: 'stopped', step: at, reason: 'asked' })
  }
  expect(await weightsOf(job, { checkpoints, resume: true, onLook })).toEqual(straight)
  expect([...resumedLooks.values()]).toEqual(looks)
  expect(await weightsOf(aToyJob({}, 2))).not.toEqual(straight)
  // It is over: resumed once more, it gives the same and takes no step.
  const kept: TrainingLook[] = []
  const options = { onStep: () => expect.unreachable(), onLook: (look: TrainingLook) => void kept.push(look) }
  expect(await weightsOf(job, { checkpoints, resume: true, ...options })).toEqual(straight)
  expect(kept).toEqual(looks)
})

it('refuses a checkpoint that is damaged or of another training, by name', async () => {
  const job = aToyJob({ steps: 3 })
  const checkpoints = new MemoryCheckpoint()
  await weightsOf(job, { checkpoints })
  const good = checkpoints.content!
  const reasonOf = async (content: Uint8Array, owner: Partial<TrainingJob['owner']> = {}) => {
    const kept = new MemoryCheckpoint()
    kept.content = content
    const other = { ...job, owner: { ...job.owner, ...owner } }
    const end = await trainModel(runtime, other, { checkpoints: kept, resume: true })
    expect(kept.content).toBe(content)
    return end.kind === 'refused' ? end.reason : end.kind
  }
  expect(await reasonOf(good)).toBe('done')
  expect(await reasonOf(good, { recipeHash: 'ffffffffffff' })).toMatch(
    /^it is of recipe [0-9a-f]{12}, not of ffffffffffff$/,
  )
  expect(await reasonOf(good, { seed: 2 })).toBe('it is of seed 1, not of 2')
  expect(await reasonOf(good, { fold: 3 })).toBe('it is of fold none, not of 3')
  expect(await reasonOf(good, { dataHash: 'other' })).toBe('it is of other data (toy, not other)')
  expect(await reasonOf(good.slice(0, -1))).toContain('damaged')
  expect(await reasonOf(good.with(good.length >> 1, good[good.length >> 1]! ^ 1))).toContain('damaged')
  expect(await reasonOf(Uint8Array.of(1, 2, 3))).toContain('not a checkpoint')
})

it('stops at a loss that is no number, and keeps the last good checkpoint', async () => {
  const checkpoints = new MemoryCheckpoint()
  const job = aToyJob()
  let kept: Uint8Array | undefined
  let step = 0
  const broken = {
    ...job.train,
    read: (windows: readonly number[]) => {
      const read = job.train.read(windows)
      if (step === 17) read['log_returns']!.values.fill(Number.NaN as never)
      return read
    },
  }
  const end = await trainModel(
    runtime,
    { ...job, train: broken },
    {
      checkpoints,
      onStep: (progress) => {
        step = progress.step
        if (step === 16) kept = checkpoints.content
      },
    },
  )
  expect(end).toEqual({ kind: 'diverged', step: 17, reason: 'the loss is NaN at step 18' })
  expect(kept).toBeDefined()
  expect(checkpoints.content).toBe(kept)
})

it('stops when a checkpoint cannot be written', async () => {
  const full = new Error('ENOSPC')
  const checkpoints = {
    read: () => undefined,
    write: () => {
      throw full
    },
  }
  expect(await trainModel(runtime, aToyJob(), { checkpoints })).toEqual({ kind: 'unsaved', step: 15, cause: full })
})

it('stops early when the validation loss no longer falls', async () => {
  const end = await trainModel(runtime, aToyJob({ learningRate: 1, steps: 500, patience: 2 }))
  expect(end).toMatchObject({ kind: 'done', isEarly: true })
  expect(end.kind === 'done' && end.step - end.bestStep).toBe(20)
})

it('keeps the last weights where there is nothing to validate on', async () => {
  const end = await trainModel(runtime, { ...aToyJob({ steps: 20 }), validation: toyWindows(0, 'none') })
  expect(end).toMatchObject({ kind: 'done', step: 20, bestStep: 20, bestLoss: undefined })
})

it('gives back every session, whatever happens', async () => {
  let open = 0
  const counted: GraphRuntime = {
    load: async (...given) => {
      const session = await runtime.load(...given)
      open += 1
      const release = async () => {
        open -= 1
        await session.release()
      }
      return { ...session, run: session.run.bind(session), release }
    },
  }
  await trainModel(counted, aToyJob({ steps: 3 }))
  expect(open).toBe(0)
})
