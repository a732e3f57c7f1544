import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { WholeFile } from '#adapters/files/whole-file'
import { OnnxGraphRuntime } from '#adapters/onnx/graph-sessions'
import { trainModel } from '#models/training/train-model'
import { aToyJob } from '#tests/support/models/toy-training'
import { aSmallDisk, canMountDisks } from '#tests/support/small-disk'

const runtime = new OnnxGraphRuntime()

it.skipIf(!canMountDisks)(
  `keeps the last good checkpoint when the disk is full${canMountDisks ? '' : ' (skipped: no small disk)'}`,
  async () => {
    const disk = await aSmallDisk(1)
    const path = join(disk.outside, 'toy.checkpoint')
    const checkpoints = new WholeFile(path)
    const job = aToyJob()
    let kept: Buffer | undefined
    const end = await trainModel(runtime, job, {
      checkpoints,
      onStep: ({ step }) => {
        if (step !== 20) return
        kept = readFileSync(path)
        disk.fill()
      },
    })
    expect(end).toMatchObject({ kind: 'unsaved', step: 30, cause: { code: 'ENOSPC' } })
    expect(readFileSync(path)).toEqual(kept)
    expect(existsSync(`${path}.part`)).toBe(false)
    disk.empty()
    const [resumed, straight] = [
      await trainModel(runtime, job, { checkpoints, resume: true }),
      await trainModel(runtime, job),
    ]
    expect(straight.kind).toBe('done')
    expect(resumed).toEqual(straight)
  },
)
