import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import type { ModelInspection } from '#core/forecast/models/onnx/inspect-model'
import { aManifest, harManifest, parseManifest } from '#tests/support/onnx-models'
import { addModelsCommand } from './models.ts'

const manifest = aManifest()
const good: ModelInspection = {
  name: 'har',
  manifest,
  opened: {
    sizeBytes: 11_969,
    format: { ir: 8, opset: 17, domains: [], producer: 'pytorch 2.1' },
    inputs: [],
    outputs: [],
    openMs: 12.34,
  },
  dryRun: { ok: true, runMs: 0.123, firstMs: 0.7, calmSd: 0.0077, livelySd: 0.0769 },
}
const bad: ModelInspection = { name: 'bad', refusal: { problem: 'empty', reason: 'bad/model.onnx is empty \u001b[2J' } }

function setUp(inspections: readonly ModelInspection[] | undefined, dir?: string) {
  const lines: string[] = []
  const opened: string[] = []
  let stops = 0
  const program = new Command().exitOverride()
  addModelsCommand(program, {
    terminal: { write: (line) => void lines.push(line), warn: () => {}, columns: 80, hasColor: false },
    configured: () => ({ dir, deadlineMs: 500 }),
    openTrial: (folder) => {
      opened.push(folder)
      return {
        list: async () => inspections?.map(({ name }) => name),
        readManifest: async (name) => (name === 'har' ? { ok: true, manifest: parseManifest(harManifest) } : undefined),
        inspect: async (name) => inspections!.find((inspection) => inspection.name === name)!,
        stop: async () => {
          stops += 1
        },
      }
    },
  })
  const run = (...args: string[]) => program.parseAsync(['models', ...args], { from: 'user' })
  return { run, lines, opened, stops: () => stops }
}

describe('miner models', () => {
  it('check says what a model is and how it ran', async () => {
    const { run, lines, stops } = setUp([good])
    await run('check', 'mine')
    expect(lines.join('\n')).toMatchInlineSnapshot(`
      "har: can be served
        serves   BTC (low), 288 steps of 300 s, 000000000000
        sha256   0000000000000000000000000000000000000000000000000000000000000000
        file     11969 bytes, IR 8, opset 17, by pytorch 2.1
        opened   in 12.3 ms
        runs     in 0.12 ms, the first in 0.70 ms
        forecast 0.770 % over its horizon after a calm market, 7.69 % after one ten times as lively"
    `)
    expect(stops()).toBe(1)
  })
  it('check ends on the models that cannot be served, after all were looked at', async () => {
    const { run, lines, stops } = setUp([bad, good])
    await expect(run('check', 'mine')).rejects.toMatchObject({
      code: 'MODEL_REFUSED',
      message: '1 of 2 models cannot be served: bad.',
    })
    expect(lines[0]).toBe('bad: cannot be served, bad/model.onnx is empty ?[2J')
    expect(lines[1]).toContain('har: can be served')
    expect(stops()).toBe(1)
  })
  it('check writes the same as JSON', async () => {
    const { run, lines } = setUp([bad])
    await expect(run('check', 'mine', '--json')).rejects.toThrow()
    expect(JSON.parse(lines.join(''))).toMatchObject({
      models: [{ name: 'bad', canBeServed: false, problem: { kind: 'empty' }, dryRun: null }],
    })
  })
  it('list reads manifests of the configured folder and runs nothing', async () => {
    const { run, lines, opened } = setUp([good, bad], 'configured')
    await run('list')
    expect(opened).toEqual(['configured'])
    expect(lines).toEqual([
      'har  BTC (low), 288 steps of 300 s, 000000000000',
      'bad  manifest.json is missing or cannot be read',
    ])
  })
  it.each([
    ['no folder', undefined, ['check'], 'USAGE'],
    ['a folder that is none', undefined, ['check', 'none'], 'INPUT_FILE_UNREADABLE'],
    ['an empty folder', [], ['list', 'empty'], 'INPUT_INVALID'],
  ])('refuses %s', async (_, inspections, args, code) => {
    await expect(setUp(inspections).run(...args)).rejects.toMatchObject({ code })
  })
})
