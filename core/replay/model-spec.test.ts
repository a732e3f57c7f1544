import { describe, expect, it } from 'vitest'
import { defaultParameters } from '../governance/default-parameters.ts'
import { parseModel, ReplayModelSpec, specFor, writeModel } from './model-spec.ts'

const sets = 'ab12cd34'.repeat(8)

describe('a model as it is asked for', () => {
  it.each([
    ['reference', 'reference'],
    ['seed', 'seed'],
    ['calibrated', 'calibrated@ab12cd34'],
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
    ['onnx:btc', 'No model "onnx" can forecast again.'],
    ['ewma:lamda=0.9', 'ewma has no parameter "lamda".'],
    ['ewma:lambda=1', 'lambda cannot be "1".'],
    ['ewma:lambda=', 'lambda cannot be "".'],
    ['ewma:df=2', 'df cannot be "2".'],
    ['calibrated:lambda=0.9', 'calibrated has no parameter "lambda". It takes none.'],
    ['blend', 'A blend needs the shares of its models'],
    ['blend:calibrated=2', 'The share of calibrated is "2"'],
    ['blend:blend=1', 'blend has no parameter "blend".'],
  ])('%j is refused with a sentence', (text, sentence) => {
    expect(() => parseModel(text)).toThrow(sentence)
  })

  it("keeps an asset's own numbers where none are given", () => {
    const spec = specFor(parseModel('ewma:lambda=0.93,sigma_cap_daily=0.07'), 'SOL', sets)
    const { blend, champion, ...numbers } = defaultParameters('SOL')
    expect(spec.parameters).toEqual({ ...numbers, lambda: 0.93, sigmaCapDaily: 0.07, blend, champion })
    expect(ReplayModelSpec.parse(spec)).toEqual(spec)
  })
})
