import { describe, expect, it } from 'vitest'
import { canonicalJson } from '#core/base/json/canonical-json'
import type { JsonValue } from '#core/base/json/strict-json'
import { defaultParameters } from '#core/forecast/parameters/default-parameters'
import { filesOf, parseModel, ReplayModelSpec, specFor, writeModel } from './model-spec.ts'

const setsHash = 'ab12cd34'.repeat(8)
const sets = { setsHash, files: {} }
const files = { 'onnx:a': '11aa22bb'.repeat(8), 'onnx:hour': '33cc44dd'.repeat(8) }

describe('a model as it is asked for', () => {
  it.each([
    ['reference', 'reference'],
    ['seed', 'seed'],
    ['calibrated', 'calibrated@ab12cd34'],
    ['calibrated:memory_low=.1,level_high=1.05', 'calibrated:level_high=1.05,memory_low=0.1@ab12cd34'],
    ['seed:df=6', 'seed:df=6'],
    ['ewma:lambda=0.93,df=4', 'ewma:df=4,lambda=0.93'],
    ['ewma:df=4.0,lambda=.93', 'ewma:df=4,lambda=0.93'],
    ['blend:ewma=0.3,calibrated=0.7', 'blend:calibrated=0.7,ewma=0.3@ab12cd34'],
    ['blend:ewma=1,lambda=0.9', 'blend:ewma=1,lambda=0.9'],
  ])('%s is filed under %s', (text, name) => {
    expect(writeModel(parseModel(text), sets)).toBe(name)
  })

  it.each([
    ['ewmaa', 'No model "ewmaa" can forecast again. Did you mean ewma?'],
    ['', 'No model "" can forecast again.'],
    ['onnx:', 'No model "onnx:" can forecast again.'],
    ['onnx:Hour', 'onnx:NAME'],
    ['champion:at=soon', 'write "champion", or "champion:at=2026-10-01T12:00Z"'],
    ['champion:lambda=0.9', 'write "champion"'],
    ['blend:onnx:=1', 'blend has no parameter "onnx:"'],
    ['ewma:lamda=0.9', 'ewma has no parameter "lamda".'],
    ['ewma:lambda=1', 'lambda cannot be "1".'],
    ['ewma:lambda=', 'lambda cannot be "".'],
    ['ewma:df=2', 'df cannot be "2".'],
    ['calibrated:lambda=0.9', 'calibrated has no parameter "lambda". Known: level_low,'],
    ['calibrated:tail_low=1.6', 'tail_low cannot be "1.6".'],
    ['seed:memory_low=0.1', 'seed has no parameter "memory_low". Known: lambda, df,'],
    ['reference:df=6', 'reference has no parameter "df". It takes none.'],
    ['blend', 'A blend needs the shares of its models'],
    ['blend:calibrated=2', 'The share of calibrated is "2"'],
    ['blend:blend=1', 'blend has no parameter "blend".'],
  ])('%j is refused with a sentence', (text, sentence) => {
    expect(() => parseModel(text)).toThrow(sentence)
  })

  it('is filed under the versions of all files that it asks, and of the sets that they are held against', () => {
    const hour = { 'onnx:hour': files['onnx:hour'] }
    expect(writeModel(parseModel('onnx:hour'), { setsHash, files: hour })).toBe('onnx:hour@33cc44dd+ab12cd34')
    const blend = parseModel('blend:onnx:hour=0.5,onnx:a=0.2,ewma=0.3')
    expect(filesOf(blend)).toEqual(['onnx:a', 'onnx:hour'])
    expect(writeModel(blend, { setsHash, files })).toBe(
      'blend:ewma=0.3,onnx:a=0.2,onnx:hour=0.5@11aa22bb+33cc44dd+ab12cd34',
    )
    expect(ReplayModelSpec.parse(specFor(blend, 'BTC', { setsHash, files })).files).toEqual(files)
  })

  it('takes the parameters of the ledger for a champion, of now or of an instant', () => {
    const named = { ...defaultParameters('BTC'), champion: { low: 'onnx:hour', high: 'blend' } }
    const blend = { low: {}, high: { 'onnx:a': 0.5, ewma: 0.5, 'onnx:gone': 0 } }
    const inForce = { of: () => ({ ...named, blend }), hash: '99ee'.repeat(16) }
    const champion = parseModel('champion:at=2026-10-01')
    expect(champion.atMs).toBe(Date.UTC(2026, 9, 1))
    expect(filesOf(champion, inForce, ['BTC'])).toEqual(['onnx:a', 'onnx:hour'])
    const sources = { setsHash, files, inForce }
    expect(writeModel(champion, sources)).toBe('champion@99ee99ee+11aa22bb+33cc44dd+ab12cd34')
    expect(specFor(champion, 'BTC', sources)).toMatchObject({
      model: 'champion',
      parameters: { champion: named.champion },
    })
  })

  it('carries departures from the fitted set, and without any the text of a spec is the old one', () => {
    const spec = specFor(parseModel('calibrated:level_low=1.05,tail_high=0.9'), 'BTC', sets)
    expect(ReplayModelSpec.parse(spec)).toEqual(spec)
    expect(spec.parameters.calibrated).toEqual({ low: { level: 1.05 }, high: { tail: 0.9 } })
    expect(canonicalJson(ReplayModelSpec.parse(specFor(parseModel('calibrated'), 'BTC', sets)) as JsonValue)).toBe(
      '{"files":{},"model":"calibrated","parameters":{"blend":{"high":{"calibrated":1},"low":{"calibrated":1}},' +
        '"champion":{"high":"calibrated","low":"calibrated"},"df":5,"lambda":0.94,"shrinkHigh":0.9,' +
        `"sigmaCapDaily":0.1},"sets":"${setsHash}"}`,
    )
  })

  it("keeps an asset's own numbers where none are given", () => {
    const spec = specFor(parseModel('ewma:lambda=0.93,sigma_cap_daily=0.07'), 'SOL', sets)
    const { blend, champion, ...numbers } = defaultParameters('SOL')
    expect(spec.parameters).toEqual({ ...numbers, lambda: 0.93, sigmaCapDaily: 0.07, blend, champion })
    expect(ReplayModelSpec.parse(spec)).toEqual(spec)
  })
})
