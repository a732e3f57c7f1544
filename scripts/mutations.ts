/**
 * Typical mistakes of ports of this scoring, each as an edit of our source. The validator's numbers must detect every
 * one of them; see scripts/mutation-check.ts.
 */
export interface Edit {
  readonly file: string
  /** Must be in the file exactly once. */
  readonly find: string
  readonly replace: string
}

export interface Mutation {
  readonly name: string
  readonly edits: readonly Edit[]
  /** Vector files that should detect it. */
  readonly vectors: readonly string[]
}

const crps = ['crps-raw.json.gz']
const averages = ['moving-average.json', 'v2026-07/moving-average.json.gz']
const grids = ['price-transform.json', 'v2026-07/price-transform.json.gz']
const fields = ['prompt-scores.json', 'v2026-07/prompt-scores.json', 'v2026-09/prompt-scores.json']
const answers = ['validation.json', 'v2026-07/validation.json']

function mutate(name: string, vectors: readonly string[], file: string, find: string, replace: string): Mutation {
  return { name, vectors, edits: [{ file: file.includes('/') ? file : `core/synth/scoring/${file}`, find, replace }] }
}

export const mutations: readonly Mutation[] = [
  // CRPS and its sums
  mutate(
    'plain sums instead of pairwise ones',
    crps,
    'answer-score.ts',
    'const blockSum = pairwiseSum(terms, block.start, block.end)',
    'let blockSum = 0\n      for (let i = block.start; i < block.end; i += 1) blockSum += terms[i]!',
  ),
  mutate(
    'one sum over all observed blocks',
    crps,
    'score-plan.ts',
    'if (blockStart >= 0) blocks.push({ start: blockStart, end: from.length })\n        blockStart = -1\n        continue',
    'continue',
  ),
  mutate('weights k/n instead of accumulated 1/n', crps, 'crps.ts', 'cdf += weight', 'cdf = (i + 1) / count'),
  mutate(
    'the fair divisor n(n-1)',
    crps,
    'crps.ts',
    'const weight = 1 / count',
    'const weight = 1 / Math.max(1, count - 1)',
  ),
  mutate(
    'missing members kept in the ensemble',
    crps,
    'crps.ts',
    'while (count > 0 && Number.isNaN(members[count - 1]!)) count -= 1',
    '',
  ),
  mutate(
    'bps multiplied before the division',
    crps,
    'score-plan.ts',
    '((after - before) / before) * basisPoints',
    '((after - before) * basisPoints) / before',
  ),
  mutate(
    'absolute term multiplied before the division',
    crps,
    'answer-score.ts',
    '(scaled[i]! / lastRealPrice) * basisPoints',
    '(scaled[i]! * basisPoints) / lastRealPrice',
  ),
  mutate(
    'absolute term divided by the first real price',
    crps,
    'crps.ts',
    'real[real.length - 1] ?? Number.NaN',
    'real[0] ?? Number.NaN',
  ),
  mutate(
    '_gap taken for _gaps',
    crps,
    'score-plan.ts',
    "interval.name.endsWith('_gaps')",
    "interval.name.includes('_gap')",
  ),
  mutate(
    'gap intervals scored on all their changes',
    crps,
    'score-plan.ts',
    'isGap ? Math.min(samples, 2) : samples',
    'samples',
  ),
  mutate(
    'an interval without observed changes skipped',
    crps,
    'score-plan.ts',
    'intervals.push({ name: interval.name',
    'if (blocks.length > 0) intervals.push({ name: interval.name',
  ),
  mutate(
    'absolute interval never shrunk',
    crps,
    'score-plan.ts',
    'if (!isAbsolute || realLength === 0 || steps < realLength) return steps',
    'if (steps > 0) return steps',
  ),
  mutate('zero price let through', crps, 'crps.ts', 'if (paths.values.includes(0)) return zeroPriceScore', ''),
  mutate(
    'single precision storage ignored',
    crps,
    'stored-score.ts',
    "if (rounding === 'float32') for (let i = 0; i < prices.length; i += 1) prices[i] = Math.fround(prices[i]!)\n",
    '',
  ),
  mutate(
    'an infinite total stored under the rule that refuses it',
    ['v2026-09/vol-crps.json.gz'],
    'stored-score.ts',
    "nonFinite === 'all' ? !Number.isFinite(score) : Number.isNaN(score)",
    'Number.isNaN(score)',
  ),
  mutate(
    'block volatility with divisor n',
    ['v2026-09/vol-crps.json.gz'],
    'volatility.ts',
    'Math.sqrt(pairwiseSum(returns) / (count - 1))',
    'Math.sqrt(pairwiseSum(returns) / count)',
  ),
  mutate(
    'zero price let through by the compiled path',
    crps,
    'answer-scorer.ts',
    "if (loaded === 'zeroPrice' && options.intervals.length > 0) return zeroPriceScore",
    '',
  ),
  mutate(
    'block columns of the kernel taken from the first size',
    ['v2026-09/vol-crps.json.gz'],
    'answer-scorer.ts',
    'column += blockCount(pointCount, size)',
    'column += 0',
  ),
  mutate(
    'volatility blocks of the wrong length',
    ['v2026-09/vol-crps.json.gz'],
    'volatility.ts',
    'Math.floor(Math.max(0, pointCount - 1) / blockSteps)',
    'Math.floor(Math.max(0, pointCount) / blockSteps)',
  ),
  mutate(
    'volatility weighted after all sizes are added',
    ['v2026-09/vol-crps.json.gz'],
    'volatility.ts',
    'total += weight * sum',
    'total += sum',
  ),
  // Scores of a prompt
  mutate(
    'percentile interpolated from one side',
    fields,
    'percentile.ts',
    'fraction < 0.5 ? lower + distance * fraction : upper - distance * (1 - fraction)',
    'lower + distance * fraction',
  ),
  mutate(
    'misses counted in the percentile',
    fields,
    'prompt-scores.ts',
    'rawScores.filter((score) => score !== missedScore)',
    '[...rawScores]',
  ),
  mutate(
    'misses filled with the worst score',
    fields,
    'prompt-scores.ts',
    "case 'p95':\n      return percentileOf(valid, 95)",
    "case 'p95':\n      return Math.max(...valid)",
  ),
  mutate(
    'p95 taken over the clipped scores',
    fields,
    'prompt-scores.ts',
    'valid.filter((score) => !(score > cap))',
    'valid.map((score) => Math.min(score, cap))',
  ),
  mutate(
    'median as the upper of the two middle values',
    fields,
    'median.ts',
    '((sorted[middle - 1] as number) + upper) / 2',
    'upper',
  ),
  // Averages and weights
  mutate(
    'sums without compensation',
    averages,
    'kahan.ts',
    'const corrected = value - this.compensation',
    'const corrected = value',
  ),
  mutate(
    'late joiners filled up to and including their first row',
    averages,
    'late-joiners.ts',
    'if (scoredAtMs >= joinedAtMs) break',
    'if (scoredAtMs > joinedAtMs) break',
  ),
  mutate(
    'worst score of the last row of a time',
    averages,
    'late-joiners.ts',
    'if (prompts.has(scoredAtMs)) continue',
    '',
  ),
  mutate(
    'rows of the future cut before the fill',
    averages,
    'moving-average.ts',
    'fillLateJoiners(rows).filter((row) => row.scoredAtMs <= options.updateAtMs)',
    'fillLateJoiners(rows.filter((row) => row.scoredAtMs <= options.updateAtMs))',
  ),
  mutate(
    'unknown scores counted in the weight of a miner',
    averages,
    'smoothed-scores.ts',
    'if (!Number.isNaN(row.promptScore)) sum.add(coefficientOf(row.asset))',
    'sum.add(coefficientOf(row.asset))',
  ),
  {
    name: 'scores added before the division by the weight',
    vectors: averages,
    edits: [
      {
        file: 'core/synth/scoring/smoothed-scores.ts',
        find: 'sum.add((row.promptScore * coefficientOf(row.asset)) / total)',
        replace: 'sum.add(total * 0 + row.promptScore * coefficientOf(row.asset))',
      },
      {
        file: 'core/synth/scoring/smoothed-scores.ts',
        find: 'score: scores.get(minerId)?.total ?? Number.POSITIVE_INFINITY',
        replace:
          'score: scores.has(minerId) ? scores.get(minerId)!.total / weights.get(minerId)!.total : Number.POSITIVE_INFINITY',
      },
    ],
  },
  {
    name: 'softmax before miners without uid are removed',
    vectors: averages,
    edits: [
      {
        file: 'core/synth/scoring/moving-average.ts',
        find: 'present.map(({ smoothedScore }) => smoothedScore)',
        replace: 'miners.map(({ smoothedScore }) => smoothedScore)',
      },
      {
        file: 'core/synth/scoring/moving-average.ts',
        find: 'const share = shares[index] as number',
        replace: 'const share = shares[miners.findIndex(({ minerId }) => minerId === miner.minerId)] as number',
      },
    ],
  },
  mutate(
    'weights of zero kept',
    averages,
    'moving-average.ts',
    'if (!(share > 0)) return []',
    'if (!(share >= 0)) return []',
  ),
  mutate(
    'the winner of the external competition dropped',
    ['v2026-09/vhft-provider.json'],
    'tests/support/subnet/external-scores.ts',
    'if (weight <= 0 || score < 0) return null',
    'if (weight <= 0 || score <= 0) return null',
  ),
  // The realised path
  mutate(
    'prices carried forward',
    grids,
    'price-grid.ts',
    'closeAt.get(second) ?? Number.NaN',
    'closeAt.get(second) ?? closeAt.get(second - window.stepSeconds) ?? Number.NaN',
  ),
  mutate(
    'the candle before the grid second',
    grids,
    'price-grid.ts',
    'closeAt.get(second) ?? Number.NaN',
    'closeAt.get(second - 60) ?? Number.NaN',
  ),
  mutate(
    'the nearest candle',
    grids,
    'price-grid.ts',
    'closeAt.get(second) ?? Number.NaN',
    '[...closeAt].sort((a, b) => Math.abs(a[0] - second) - Math.abs(b[0] - second))[0]![1]',
  ),
  mutate(
    'no settlement witness',
    grids,
    'price-grid.ts',
    "if (!hasWitness) return { ok: false, reason: 'notSettled' }",
    '',
  ),
  mutate(
    'the last candle as its own witness',
    grids,
    'candle-payloads.ts',
    'openSeconds.some((second) => second > end)',
    'openSeconds.some((second) => second >= end)',
  ),
  mutate(
    'the first of repeated candles',
    grids,
    'price-grid.ts',
    'for (let i = 0; i < count; i += 1) closeAt.set',
    'for (let i = count - 1; i >= 0; i -= 1) closeAt.set',
  ),
  mutate(
    'a missing last price scored all the same',
    grids,
    'price-grid.ts',
    "if (last === undefined || Number.isNaN(last)) return { ok: false, reason: 'lastMissing' }",
    '',
  ),
  // The answer
  mutate(
    'digits counted on the parsed number',
    ['pynumber.json'],
    'python-number.ts',
    "return pythonNumberText(token).replaceAll('.', '').length",
    "return String(Number(token)).replaceAll('.', '').length",
  ),
  mutate(
    'the exponent as JavaScript writes it',
    ['pynumber.json', ...answers],
    'python-number.ts',
    'if (exponent < -4 || exponent > 15) {',
    'if (exponent < -6 || exponent > 20) {',
  ),
  mutate(
    'digits counted in the text of the answer',
    answers,
    'python-number.ts',
    "return pythonNumberText(token).replaceAll('.', '').length",
    "return token.replaceAll('.', '').length",
  ),
  mutate(
    'booleans accepted under the newer rule',
    answers,
    'digit-rule.ts',
    "if (isBool && rule === 'chars8') return null",
    'if (isBool) return null',
  ),
  mutate(
    'points of path 1 judged before the shape of path 2',
    answers,
    'answer-validation.ts',
    "case 'shapesFirst':",
    "case 'neither':\n      return null\n    default:\n      if (rule.order) return firstOf(paths, (path, at) => checkShape(tape, path, at, pointCount) ?? checkPoints(tape, path, at, rule.digits))",
  ),
  mutate(
    'all shapes first under the older order',
    answers,
    'answer-validation.ts',
    '(path, at) => checkShape(tape, path, at, pointCount) ?? checkPoints(tape, path, at, rule.digits),\n      )',
    '(path, at) => checkShape(tape, path, at, pointCount),\n      ) ?? firstOf(paths, (path, at) => checkPoints(tape, path, at, rule.digits))',
  ),
  mutate(
    'answers judged as they came, without the wire model',
    answers,
    'tests/support/subnet/wire-model.ts',
    'const coerced = coercedText(tape, answer)',
    'const coerced = null',
  ),
]
