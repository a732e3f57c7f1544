import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { AppError } from '#core/base/errors/app-error'
import { buildRegimeBook } from '#core/synth/regimes/book'
import { resolvePrediction } from '#core/synth/regimes/prediction'
import { builtInRegimes } from '#core/synth/regimes/table/built-in'
import { predictionRuleOf } from '#core/synth/scoring/prediction-rule'
import { scorePrediction } from '#core/synth/scoring/score-prediction'
import { addScoreCommand, type ScoreCommandOptions, scoreFiles } from './score.ts'

const book = buildRegimeBook(builtInRegimes)
const start = Date.UTC(2026, 8, 25, 12, 1) / 1000
const minutes = Array.from({ length: 61 }, (_, i) => i)
const path = (step: number): number[] => minutes.map((minute) => 64_000 + ((minute * step) % 7))
const bare = [start, 60, path(1), path(2), path(3)]
const real = minutes.map((minute) => (minute === 5 ? null : 64_000 + (minute % 5)))
const input = {
  asset: 'BTC',
  start_time: '2026-09-25T12:01:00+00:00',
  time_increment: 60,
  time_length: 3600,
  num_simulations: 3,
}

function score(files: Record<string, unknown>, options: Partial<ScoreCommandOptions> = {}) {
  const text = (file: string): string => {
    const content = files[file]
    return typeof content === 'string' ? content : JSON.stringify(content)
  }
  const deps = { readText: text, loadBook: () => book }
  return scoreFiles(deps, { prediction: 'answer.json', realized: 'real.json', ...options })
}

function problemOf(files: Record<string, unknown>, options: Partial<ScoreCommandOptions> = {}): string {
  try {
    score(files, options)
  } catch (error) {
    if (error instanceof AppError) return `${error.exitCode} ${error.message}`
    throw error
  }
  return 'no problem'
}

describe('tuner score', () => {
  it('scores by the rules of the date: both terms for the crypto hour', () => {
    const report = score({ 'answer.json': bare, 'real.json': real })
    expect(report).toMatchObject({
      competition: 'Crypto 1h',
      regimes: { answer: '2026-07-16', score: '2026-09-22' },
      otherCandidates: [],
      storage: 'float32',
      pathCount: 3,
      missingRealPrices: 1,
      problem: null,
    })
    expect(report.rows.map(({ name }) => name)).toContain('Vol')
    expect(report.storedScore).toBe(report.total)
  })

  it('reads the same answer inside its synapse, and the same prices as candles or from the public API', () => {
    const { total } = score({ 'answer.json': bare, 'real.json': real })
    const synapse = { simulation_input: input, simulation_output: bare, dendrite: null }
    expect(score({ 'answer.json': synapse, 'real.json': real })).toMatchObject({ total, asset: 'BTC' })
    expect(score({ 'answer.json': bare, 'real.json': { real_prices: real } }).total).toBe(total)
    const known = [...real, 1].flatMap((close, minute) =>
      close === null ? [] : [{ open: start + minute * 60, close }],
    )
    const history = { t: known.map(({ open }) => open), c: known.map(({ close }) => close) }
    const klines = known.map(({ open, close }) => [open * 1000, '', '', '', `${close}`])
    const snapshot = known.map(({ open, close }) => ({ t: open * 1000, c: `${close}` }))
    for (const candles of [history, klines, snapshot]) {
      expect(score({ 'answer.json': bare, 'real.json': candles }).total).toBe(total)
    }
  })

  it('takes the rules that are named instead of those of the date', () => {
    const report = score({ 'answer.json': bare, 'real.json': real }, { regime: '2026-05' })
    expect(report).toMatchObject({ regimes: { answer: '2026-05', score: '2026-05' }, storage: 'float64' })
    expect(report.rows.map(({ name }) => name)).not.toContain('Vol')
    expect(score({ 'answer.json': bare, 'real.json': real }, { regime: '2026-05', storage: 'float32' }).storage).toBe(
      'float32',
    )
  })

  it('says which other rules may have held when the date leaves it open', () => {
    const earlier = Date.UTC(2026, 6, 20, 12, 1) / 1000
    expect(score({ 'answer.json': [earlier, ...bare.slice(1)], 'real.json': real }).otherCandidates).not.toEqual([])
  })

  it('gives -1 for a simulated price of 0, which the format check lets through', () => {
    const zero = [...bare.slice(0, 4), [...path(3).slice(0, 60), 0]]
    expect(score({ 'answer.json': zero, 'real.json': real })).toMatchObject({ total: -1, storedScore: -1 })
  })

  it('prints a table for people and the same numbers as JSON', async () => {
    const run = async (...flags: string[]): Promise<string[]> => {
      const lines: string[] = []
      const write = (line: string): void => void lines.push(line)
      const program = new Command()
      addScoreCommand(program, {
        write,
        progress: { update: () => {}, stop: () => {} },
        interrupted: () => new AbortController().signal,
        scoreFolder: () => Promise.reject(new Error('no folder here')),
        readText: (file) => JSON.stringify(file === 'a' ? bare : real),
        loadBook: () => book,
      })
      await program.parseAsync(['score', '--prediction', 'a', '--realized', 'r', ...flags], { from: 'user' })
      return lines
    }
    const report = JSON.parse((await run('--json')).join('\n'))
    const text = await run()
    expect(text).toContain(`total ${report.total}`)
    expect(text[1]).toContain('3 paths of 61 points')
    expect(report.notes).toEqual(['a validator asks for 1000 paths and refuses any other number; this answer has 3'])
    expect(text.join(' ')).toContain(report.notes[0].slice(0, 60))
    expect(text.find((line) => line.startsWith('vol_15min'))).toMatch(/x 0\.4375/)
  })
})

describe('bad input for tuner score', () => {
  const change = (at: number, point: number, token: string): string =>
    `[${bare.map((element, i) => (i === at ? JSON.stringify(element).replace(/64\d+/g, replaceNth(point, token)) : JSON.stringify(element))).join(',\n')}]`
  const replaceNth = (nth: number, token: string) => {
    let seen = -1
    return (match: string): string => {
      seen += 1
      return seen === nth ? token : match
    }
  }

  it.each([
    ['what is not JSON', '[1,\n2,,3]', '65 answer.json:2:3: this is not JSON'],
    ['something else than an answer', '"abc"', '65 answer.json:1:1 ($): a list [start, increment, path, …]'],
    [
      'an object without the request',
      '{"simulation_output": []}',
      '65 answer.json:1:1 ($): simulation_input is missing',
    ],
    ['a header that is no int', '[1.5,60,[1]]', '65 answer.json:1:2 ($[0]): the start'],
    ['a header alone', `[${start},60]`, '65 answer.json:1:1 ($): a path'],
    [
      'a price with too many digits',
      change(3, 2, '64000.12345'),
      '65 answer.json:4:14 ($[3][2]): the validator refuses this answer: Price format is incorrect: too many digits 64000.12345.',
    ],
    [
      'NaN',
      change(2, 0, 'NaN'),
      '65 answer.json:3:2 ($[2][0]): the validator refuses this answer: Price format is incorrect: non-finite value nan.',
    ],
    [
      'a text for a price',
      change(2, 1, '"64000"'),
      "($[2][1]): the validator refuses this answer: Price format is incorrect: expected int or float, got <class 'str'>.",
    ],
    [
      'paths of different lengths',
      JSON.stringify([start, 60, path(1), [1, 2]]),
      '($[3]): the validator refuses this answer: Number of time points is incorrect: expected 61, got 2.',
    ],
    [
      'another increment',
      JSON.stringify([start, 300, path(1).slice(0, 13)]),
      '($[1]): the validator refuses this answer: Time increment is incorrect: expected 60, got 300.',
    ],
  ])('refuses %s in the prediction and says where', (_, answer, problem) => {
    expect(problemOf({ 'answer.json': answer, 'real.json': real })).toContain(problem)
  })

  it('scores what the validator scores although it is no price, and says so', () => {
    const negative = { 'answer.json': change(4, 60, '-5'), 'real.json': real }
    const report = score(negative)
    const paths = {
      values: Float64Array.from([path(1), path(2), [...path(3).slice(0, 60), -5]].flat()),
      ...{ pathCount: 3, pointCount: 61 },
    }
    const rules = resolvePrediction(book, { asset: 'BTC', timeLengthSeconds: 3600, startAtMs: start * 1000 })
    const expected = scorePrediction(
      paths,
      real.map((price) => price ?? Number.NaN),
      predictionRuleOf(rules, 'totals'),
    )
    expect(report.total).toBe(expected.total)
    expect(report.total).toBeGreaterThan(score({ 'answer.json': bare, 'real.json': real }).total!)
    expect(report.notes[1]).toBe('$[4][60] is -5, which is no price; the validator scores it as it is')
    const nan = score({ 'answer.json': change(2, 0, 'NaN'), 'real.json': real }, { regime: '2026-05' })
    expect(nan.notes[1]).toBe('$[2][0] is NaN, which is no price; the validator scores it as it is')
  })

  it.each([
    ['what is not JSON', '[1', '65 real.json:1:3: this is not JSON'],
    ['another shape', '{"prices": []}', '65 real.json:1:1 ($): a list of prices'],
    ['an empty list', '[]', 'the list of prices is empty.'],
    [
      'NaN',
      JSON.stringify([...real]).replace('64001', 'NaN'),
      '65 real.json:1:8 ($[1]): NaN is not a price; a missing one is null.',
    ],
    ['a negative price', { real_prices: [64_000, -1] }, '($.real_prices[1]): -1 is not a price'],
    ['a text', ['64000'], '($[0]): "64000" is not a price'],
    ['too few prices', real.slice(0, 60), '65 real.json: 60 real prices do not match paths of 61 points.'],
    ['a path without its last price', [...real.slice(0, 60), null], '65 real.json ($[60]): the last price is missing'],
    ['candles that end with the path', { t: [start], c: [1] }, 'is not final.'],
    ['candles without the last one', { t: [start, start + 3660], c: [1, 1] }, 'there is no candle that opens at'],
    ['a broken candle', [[start * 1000, '', '', '', 'abc']], '($[0][4]): a price was expected.'],
    ['a negative close', [{ t: start * 1000, c: '-3' }], 'the close -3 of candle 1 is not a price.'],
  ])('refuses %s in the real prices and says where', (_, prices, problem) => {
    expect(problemOf({ 'answer.json': bare, 'real.json': prices })).toContain(problem)
  })

  it('answers an unknown regime, asset or length with the known ones', () => {
    const files = { 'answer.json': bare, 'real.json': real }
    expect(problemOf(files, { regime: '2026-13' })).toMatch(/^64 .*Known: .*2026-05, /)
    expect(problemOf(files, { asset: 'DOGE' })).toMatch(/^64 DOGE .*Known: BTC, ETH, SOL, XRP, HYPE/)
    expect(problemOf(files, { length: 7200 })).toMatch(/^64 .*Known: .*3600 \(1 h\)/)
  })
})
