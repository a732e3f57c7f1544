import { describe, expect, it } from 'vitest'
import { features, harManifest, studentMixtureManifest } from '#tests/support/onnx-models'
import { findFormatMismatch, findTensorMismatch } from './check-tensors.ts'
import { type ModelManifest, readManifest } from './manifest.ts'

function reasonOf(content: object | string): string {
  const reading = readManifest(typeof content === 'string' ? content : JSON.stringify(content), features)
  return reading.ok ? 'read' : `${reading.problem}: ${reading.reason}`
}

const aProcess = { ...harManifest, file: undefined, format: undefined }

describe('readManifest', () => {
  it('reads what it should, with defaults', () => {
    const reading = readManifest(JSON.stringify(harManifest), features)
    expect(reading.ok && reading.manifest.window).toEqual({ largestUnknownShare: 0.2, largestAgeSeconds: 900 })
    expect(reading.ok && reading.manifest.outputs.factors).toEqual([])
    expect(reasonOf(studentMixtureManifest)).toBe('read')
    expect(reasonOf({ ...aProcess, url: 'http://127.0.0.1:9000/' })).toBe('read')
    expect(reasonOf({ ...harManifest, training: { recipe: 'abc', scores: { low: 0.97 } } })).toBe('read')
  })
  it.each<[string, object | string, RegExp]>([
    ['text that is no JSON', '{', /^manifestInvalid: manifest.json is not JSON$/],
    ['another contract', { ...harManifest, contract: 2 }, /^otherVersion: .* contract 2, this release reads 1$/],
    ['no contract', {}, /^manifestInvalid: manifest.json, contract:/],
    [
      'an unknown key',
      { ...harManifest, horizon: 1 },
      /^manifestInvalid: manifest.json, top: Unrecognized key: "horizon"$/,
    ],
    ['a path', { ...harManifest, file: '../m.onnx' }, /^manifestInvalid: manifest.json, file: the plain name/],
    [
      'a file and a url',
      { ...harManifest, url: 'http://127.0.0.1:9000/' },
      /top: it needs either file and format, or url/,
    ],
    ['neither', { ...harManifest, file: undefined }, /top: it needs either file and format, or url/],
    ['a url with a password', { ...aProcess, url: 'http://me:secret@127.0.0.1/' }, /url: an http or https address/],
    ['a url of a file', { ...aProcess, url: 'file:///etc/passwd' }, /url: an http or https address/],
    ['a short hash', { ...harManifest, sha256: 'abc' }, /sha256: 64 hex digits/],
    [
      'half a minute',
      { ...harManifest, inputs: [{ ...harManifest.inputs[0], stepSeconds: 90 }] },
      /inputs.0.stepSeconds/,
    ],
    [
      'a feature nobody makes',
      { ...harManifest, inputs: [{ ...harManifest.inputs[0], features: [{ kind: 'logRealisedVariance' }] }] },
      /inputs.0.features.0.kind: There is no feature logRealisedVariance. Did you mean logRealizedVariance\?$/,
    ],
    [
      'a setting that a feature does not have',
      { ...harManifest, inputs: [{ ...harManifest.inputs[0], features: [{ kind: 'zScore', length: 20, long: 1 }] }] },
      /inputs.0.features.0: Unrecognized key: "long"$/,
    ],
    [
      'a feature of the market ahead of it',
      { ...harManifest, inputs: [{ tensor: 'ahead', kind: 'ahead', features: [{ kind: 'logReturn' }] }] },
      /inputs.0.features.0.kind: logReturn is not known in advance, only features of time are$/,
    ],
    [
      'a tensor fed twice',
      { ...harManifest, inputs: [harManifest.inputs[0], harManifest.inputs[0]] },
      /past is listed twice/,
    ],
    [
      'an asset twice',
      { ...harManifest, serves: { assets: ['BTC', 'BTC'], horizons: ['low'] } },
      /BTC is listed twice/,
    ],
    [
      'more minutes than anybody keeps',
      { ...harManifest, inputs: [{ ...harManifest.inputs[0], rows: 4_096, stepSeconds: 86_400 }] },
      /looks back 5898241 minutes, at most 86400 are kept/,
    ],
  ])('refuses %s', (_, content, sentence) => {
    expect(reasonOf(content)).toMatch(sentence)
  })
})

describe('a file that does not belong to its manifest', () => {
  const reading = readManifest(JSON.stringify(harManifest), features)
  const manifest = (reading as { manifest: ModelManifest }).manifest
  const input = { name: 'past', type: 'float32', dims: ['batch', 12, 3] }
  const output = { name: 'log_variance', type: 'float32', dims: ['batch', 288] }
  const format = { ir: 8, opset: 17, domains: [], producer: '' }
  const model = { sizeBytes: 1, openMs: 1, format, inputs: [input], outputs: [output] }

  it('is distinguished from one that does', () => {
    expect(findTensorMismatch(manifest, model)).toBeUndefined()
    expect(findFormatMismatch(harManifest.format, model)).toBeUndefined()
    expect(findFormatMismatch(harManifest.format, { ...model, format: { ...format, opset: 18 } })).toBe(
      'the file is IR 8 with opset 18, the manifest says IR 8 with opset 17',
    )
  })
  it.each([
    [{ inputs: [] }, 'the file has no input past; it has none'],
    [{ inputs: [{ ...input, dims: [1, 12] }] }, 'input past has the shape [1,12], the contract requires [1,12,3]'],
    [{ inputs: [{ ...input, dims: [4, 12, 3] }] }, 'input past has the shape [4,12,3], the contract requires [1,12,3]'],
    [{ inputs: [{ ...input, type: 'float64' }] }, 'input past is of float64, not of float32'],
    [
      { inputs: [input, { ...input, name: 'noise' }] },
      'the file needs an input noise, which the manifest does not list',
    ],
    [{ outputs: [{ ...output, name: 'y' }] }, 'the file has no output log_variance; it has y'],
    [{ outputs: [{ ...output, type: 'int64' }] }, 'output log_variance is of int64, not of float32 or float64'],
    [
      { outputs: [{ ...output, dims: [1, 287] }] },
      'output log_variance has the shape [1,287], the contract requires [1,288]',
    ],
  ])('%o', (changes, reason) => {
    expect(findTensorMismatch(manifest, { ...model, ...changes })).toBe(reason)
  })
})
