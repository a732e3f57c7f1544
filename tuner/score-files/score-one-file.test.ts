import { expect, it } from 'vitest'
import { buildRegimeBook } from '#core/synth/regimes/book'
import { resolvePrediction } from '#core/synth/regimes/prediction'
import { builtInRegimes } from '#core/synth/regimes/table/built-in'
import { AnswerScorer } from '#core/synth/scoring/answer-scorer'
import { predictionRuleOf } from '#core/synth/scoring/prediction-rule'
import { scorePrediction } from '#core/synth/scoring/score-prediction'
import { readJsonPrediction } from '#core/tuning/prediction-files/read-json-prediction'
import { makePaths, makeRealPath, mapPaths } from '#tests/support/made-paths'
import { scoreOneFile } from './score-one-file.ts'

const book = buildRegimeBook(builtInRegimes)
const scorer = new AnswerScorer()
const start = Date.UTC(2026, 8, 25, 12, 1) / 1000
const prompt = { asset: 'BTC', startAtMs: start * 1000, timeLengthSeconds: 3600 }
const walk = { pointCount: 61, seed: 5, startPrice: 64_000 }
const long = makePaths({ ...walk, pathCount: 20 })
const short = mapPaths(long, (price) => Number(price.toPrecision(8)))
const real = makeRealPath(walk)
const rowsOf = ({ values }: { values: Float64Array }) =>
  Array.from({ length: 20 }, (_, i) => [...values.subarray(61 * i, 61 * i + 61)])
const answer = [start, 60, ...rowsOf(short)]
const flat = { start_timestamp: start, asset: 'BTC', time_increment: 60, time_length: 3600, paths: rowsOf(long) }

function score(content: unknown, options: { regime?: string; storage?: 'float64'; prompt?: typeof prompt } = {}) {
  const text = typeof content === 'string' ? content : JSON.stringify(content)
  const reading = readJsonPrediction(new TextEncoder().encode(text)) ?? ({ kind: 'text' } as const)
  const rules = { book, regime: options.regime, storage: options.storage }
  return scoreOneFile(rules, scorer, {
    name: 'a.json',
    reading,
    readText: () => text,
    prompt: options.prompt ?? prompt,
    real,
  })
}

it('gives the total of the reference, in the precision of the validator or in that of the file', () => {
  const rule = predictionRuleOf(resolvePrediction(book, prompt), 'totals')
  expect(score(answer)).toEqual({
    total: scorePrediction(short, real, rule).total,
    problem: null,
    detail: '',
    pathCount: 20,
  })
  expect(score(flat).total).toBe(scorePrediction(long, real, rule).total)
  const exact = scorePrediction(long, real, { ...rule, rounding: 'float64' }).total
  expect(score(flat, { storage: 'float64' }).total).toBe(exact)
  expect(exact).not.toBe(score(flat).total)
  // The rule of May looks at the text of each number: the careful reader gives the same.
  const may = predictionRuleOf(resolvePrediction(book, { ...prompt, regime: '2026-05' }), 'totals')
  expect(score(answer, { regime: '2026-05' }).total).toBe(scorePrediction(short, real, may).total)
})

it.each([
  ['an answer with too many digits', [start, 60, ...rowsOf(long)], 'refused', /too many digits/],
  ['a number that is not finite', JSON.stringify(flat).replace(/64\d+[.]\d+/, 'NaN'), 'refused', /NaN or infinite/],
  ['a price of 0', [start, 60, ...rowsOf(short).map((path) => path.with(3, 0))], 'zeroPrice', /0/],
  [
    'another number of points',
    { ...flat, paths: rowsOf(long).map((path) => path.slice(1)) },
    'notScorable',
    /60 points/,
  ],
  ['another asset than its name', { ...flat, asset: 'ETH' }, 'unreadable', /name says BTC, and its content ETH/],
  [
    'another start than its name',
    { ...flat, start_timestamp: start + 60 },
    'unreadable',
    /its content 2026-09-25T12:02/,
  ],
  ['another step', { ...flat, time_increment: 300 }, 'unreadable', /its step is 300 s/],
  ['an answer of another start', [start + 60, ...answer.slice(1)], 'unreadable', /its content 2026-09-25T12:02/],
  ['a cut file', JSON.stringify(answer).slice(0, -9), 'unreadable', /this is not JSON/],
  ['something else', { a: 1 }, 'unreadable', /an object with simulation_output was expected/],
])('has no total for %s', (_, content, problem, detail) => {
  expect(score(content)).toMatchObject({ total: null, problem, detail: expect.stringMatching(detail) as string })
})

it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
  'names the place of %f in a file that is not text',
  (price) => {
    const paths = { ...long, values: long.values.with(2 * 61 + 7, price) }
    const reading = { kind: 'paths', prompt: {}, isAnswer: false, isShort: false, paths } as const
    const file = { name: 'a.npy', reading, readText: () => '', prompt, real }
    expect(scoreOneFile({ book, regime: undefined, storage: undefined }, scorer, file)).toMatchObject({
      total: null,
      problem: 'refused',
      detail: `point 8 of path 3 is ${price}`,
    })
  },
)
