import { describe, expect, it } from 'vitest'
import { championModels } from '#core/forecast/models/model-names'
import type { AssetParameters } from '#core/forecast/parameters/asset-parameters'
import { defaultParameters } from '#core/forecast/parameters/default-parameters'
import type { Horizon } from '#core/synth/prompts/horizon'
import { parameterNames, toParameter } from './parameter-catalogue.ts'
import { describeReach, insteadOf, reachOf, type ServedAnswer, type ServedAnswers, servingModel } from './reach.ts'

const defaults = defaultParameters('BTC')
const withChampion = (low: string, high = low): AssetParameters => ({ ...defaults, champion: { low, high } })

/** `answers` newest first; the horizons take turns in time. */
function journal(answers: Partial<Record<Horizon, readonly Omit<ServedAnswer, 'startAtMs'>[]>>): ServedAnswers {
  return {
    lastServed: (_, horizon, count) =>
      (answers[horizon] ?? []).slice(0, count).map((each, i) => ({ ...each, startAtMs: -i })),
    isAsked: (asset, horizon) => asset === 'BTC' || horizon === 'low',
    isCalibrated: (_, horizon) => horizon === 'low',
  }
}

const many = (count: number, rung: ServedAnswer['rung'], model: string) =>
  Array.from({ length: count }, () => ({ rung, model, champion: 'calibrated' }))
const byChampion = journal({ low: many(80, 'champion', 'calibrated'), high: many(80, 'champion', 'calibrated') })

function reach(name: string, served: ServedAnswers, parameters = defaults, asset = 'BTC') {
  const parameter = toParameter(name)!
  const found = reachOf(served, asset, parameter, parameters)
  return { ...found, sentence: describeReach(asset, parameter, found), instead: insteadOf(parameter, found) }
}

describe('reachOf', () => {
  it('counts the last fifty answers that the parameter could have a part in', () => {
    expect(reach('lambda', byChampion)).toMatchObject({
      ...{ altered: 0, total: 50, basis: 'served' },
      sentence:
        'lambda belongs to ewma, seed and lastSigma; BTC 24h and 1h are served by calibrated; this change would alter 0 of the last 50 answers.',
    })
    expect(reach('level_low', byChampion)).toMatchObject({ altered: 50, total: 50 })
    expect(reach('shrink_high', byChampion).sentence).toBe(
      'shrink_high belongs to ewma and seed; BTC 1h is served by calibrated; this change would alter 0 of the last 50 answers.',
    )
  })
  it('has words for a single answer', () => {
    const one = journal({ low: many(1, 'champion', 'calibrated') })
    expect(reach('level_low', one).sentence).toMatch(/; this change would alter the only answer so far[.]$/)
    expect(reach('lambda', one).sentence).toMatch(/; this change would not alter the only answer so far[.]$/)
  })
  it('counts an answer of a lower rung for the model that made it', () => {
    const some = journal({
      low: [...many(3, 'ewma', 'ewma'), ...many(40, 'champion', 'calibrated')],
      high: many(7, 'lastSigma', 'lastSigma'),
    })
    expect(reach('lambda', some)).toMatchObject({ altered: 10, total: 50 })
    expect(reach('df', some)).toMatchObject({ altered: 3, total: 50 })
    expect(reach('level_low', some)).toMatchObject({ altered: 40, total: 43 })
    expect(reach('lambda', some).sentence).toContain(
      'BTC 24h is served by calibrated and ewma; BTC 1h is served by lastSigma;',
    )
  })
  it('counts an answer of the champion for the champion of now', () => {
    expect(reach('lambda', byChampion, withChampion('ewma', 'calibrated'))).toMatchObject({ altered: 25, total: 50 })
    expect(reach('df', byChampion, withChampion('seed'))).toMatchObject({ altered: 50 })
    expect(reach('level_low', byChampion, withChampion('onnx:hour'))).toMatchObject({ altered: 0 })
  })
  it("counts an answer of a hotkey's own champion for that model", () => {
    const own = journal({ low: [...many(10, 'champion', 'seed'), ...many(10, 'champion', 'calibrated')] })
    expect(reach('df', own)).toMatchObject({ altered: 10, total: 20 })
    expect(reach('level_low', own, withChampion('ewma'))).toMatchObject({ altered: 0, total: 20 })
  })
  it('finds the members of a blend that is served, and the shares of it', () => {
    const blended = { ...withChampion('blend'), blend: { low: { calibrated: 1, ewma: 0 }, high: { ewma: 1 } } }
    expect(reach('lambda', byChampion, blended)).toMatchObject({ altered: 25, total: 50 })
    expect(reach('level_low', byChampion, blended)).toMatchObject({ altered: 50, total: 50 })
    expect(reach('blend_low.seed', byChampion, blended)).toMatchObject({ altered: 50 })
    expect(reach('blend_low.seed', byChampion)).toMatchObject({ altered: 0 })
  })
  it('always finds the name of the champion', () => {
    expect(reach('champion_low', byChampion)).toMatchObject({ altered: 50, models: [] })
  })
  it('counts kinds of prompts before the first answer, by the rules and the sets that are there', () => {
    const fresh = journal({})
    expect(reach('lambda', fresh)).toMatchObject({
      ...{ altered: 1, total: 2, basis: 'planned' },
      sentence:
        'lambda belongs to ewma, seed and lastSigma; BTC 24h would be served by calibrated; BTC 1h would be served by ewma; nothing was served yet; this change would alter 1 of 2 kinds of answers.',
    })
    expect(reach('level_high', fresh, defaults, 'XAU').sentence).toBe(
      'level_high belongs to calibrated; the subnet asks for no such forecast of XAU.',
    )
  })
  it('leaves out no parameter', () => {
    for (const name of parameterNames(championModels)) expect(reach(name, byChampion).total, name).toBe(50)
  })
})

describe('servingModel', () => {
  it('is the one of most answers', () => {
    const some = journal({ low: [...many(3, 'ewma', 'ewma'), ...many(40, 'champion', 'calibrated')] })
    expect(servingModel(some, 'BTC', 'low', defaults)).toBe('calibrated')
    expect(servingModel(journal({}), 'XAU', 'high', defaults)).toBeUndefined()
  })
})

describe('insteadOf', () => {
  it('names what has the effect for the model that serves', () => {
    const lower = (name: string, sign: number) => ({ name, sign })
    expect(reach('lambda', byChampion).instead).toEqual([lower('memory_low', -1), lower('memory_high', -1)])
    expect(reach('df', byChampion).instead).toEqual([lower('tail_low', -1), lower('tail_high', -1)])
    expect(reach('shrink_high', byChampion).instead).toEqual([lower('level_high', 1)])
    expect(reach('memory_low', byChampion, withChampion('ewma')).instead).toEqual([lower('lambda', -1)])
    expect(reach('level_high', byChampion, withChampion('seed')).instead).toEqual([lower('shrink_high', 1)])
    expect(reach('level_low', byChampion, withChampion('seed')).instead).toEqual([])
    expect(reach('lambda', byChampion, withChampion('onnx:hour')).instead).toEqual([])
  })
})
