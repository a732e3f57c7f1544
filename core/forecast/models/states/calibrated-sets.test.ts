import { describe, expect, it } from 'vitest'
import { sha256Hex } from '#adapters/files/output-file'
import { publishedSets } from '#tests/support/published-sets'
import type { CalibratedParameters } from '../calibrated-parameters.ts'
import { writeParameterFile } from '../parameter-file.ts'
import { CalibratedSets, type ParameterFolder, type SetOrigin } from './calibrated-sets.ts'

const release = publishedSets()

const published = release.find('BTC', 'low')!
const textOf = (parameters: CalibratedParameters) => writeParameterFile(parameters, sha256Hex)
const folder = (origin: SetOrigin, ...files: (readonly [path: string, text: string])[]): ParameterFolder => ({
  origin,
  files: files.map(([path, text]) => ({ path, text })),
  problems: [],
})
const ours = folder('published', ['published/BTC.low.json', textOf(published.parameters)])
const tuned: CalibratedParameters = {
  ...published.parameters,
  shape: { ...published.parameters.shape, pathLogSd: 0.4 },
}

describe('CalibratedSets', () => {
  it('takes every published file', () => {
    expect(release.problems).toEqual([])
    expect(release.list().length).toBeGreaterThanOrEqual(20)
    expect(release.find('BTC', 'high')).toMatchObject({ asset: 'BTC', horizon: 'high', origin: 'published' })
  })

  it('has the pooled set, under its own name, for an asset that has no set at all', () => {
    const pooled = release.find('POOL', 'low')!
    expect(release.find('DOGE', 'low')).toEqual({
      ...pooled,
      asset: 'DOGE',
      parameters: { ...pooled.parameters, asset: 'DOGE' },
    })
  })

  it('invents nothing for an asset that has a set for the other horizon', () => {
    expect(release.find('NVDAX', 'low')).toMatchObject({ asset: 'NVDAX' })
    expect(release.find('NVDAX', 'high')).toBeUndefined()
    expect(new CalibratedSets([ours], sha256Hex).find('DOGE', 'low')).toBeUndefined()
  })

  it("lets the operator's set win, whatever the order of the folders, and names it by its own hash", () => {
    const own = folder('operator', ['own/BTC.low.json', textOf(tuned)])
    for (const folders of [
      [ours, own],
      [own, ours],
    ]) {
      const set = new CalibratedSets(folders, sha256Hex).find('BTC', 'low')
      expect(set).toMatchObject({ origin: 'operator', parameters: { shape: { pathLogSd: 0.4 } } })
      expect(set?.hash).not.toBe(published.hash)
    }
  })

  it.each([
    ['no JSON', 'own/BTC.low.json', '{'],
    ['the numbers do not match this hash', 'own/BTC.low.json', textOf(tuned).replace('0.4', '0.5')],
    ['it holds BTC.low.json', 'own/ETH.low.json', textOf(tuned)],
    [
      'no horizon has steps of 180 s',
      'own/BTC.low.json',
      textOf({ ...tuned, model: { ...tuned.model, stepSeconds: 180 } }),
    ],
    [
      'its numbers give no finite forecast',
      'own/BTC.low.json',
      textOf({ ...tuned, model: { ...tuned.model, halfLivesSteps: [...tuned.model.halfLivesSteps, 20_000] } }),
    ],
    [
      'its numbers give no finite forecast',
      'own/BTC.low.json',
      textOf({
        ...tuned,
        model: {
          ...tuned.model,
          stretches: tuned.model.stretches.map((stretch) => ({
            ...stretch,
            coefficients: stretch.coefficients.map(() => 1e6),
          })),
        },
      }),
    ],
  ])('falls back to the published set and says why: %s', (reason, path, text) => {
    const sets = new CalibratedSets([ours, folder('operator', [path, text])], sha256Hex)
    expect(sets.find('BTC', 'low')).toMatchObject({ origin: 'published', hash: published.hash })
    expect(sets.problems).toEqual([{ path, reason }])
  })
})
