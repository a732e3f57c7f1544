/** The table of regimes against what the validator's own code and answers say about the same rules. */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { buildRegimeBook } from '#core/synth/regimes/book'
import { builtInRegimes } from '#core/synth/regimes/table/built-in'
import { findRegime } from '#core/synth/regimes/timeline'
import { scorePrompt } from '#core/synth/scoring/prompt-scores'
import { knownPromptScoreRules, recogniseRule } from '#core/tuning/shadow/recognise'

const folder = resolve('../shared/golden')
const book = buildRegimeBook(builtInRegimes)
const regime = (id: string) => findRegime(book, id)

function read<S extends z.ZodType>(name: string, schema: S): z.output<S> {
  const bytes = readFileSync(join(folder, name))
  return schema.parse(JSON.parse((name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')))
}

const number = z
  .union([z.number(), z.null(), z.literal('Infinity'), z.literal('-Infinity')])
  .transform((value) => (value === null ? Number.NaN : Number(value)))
const namedSeconds = z.record(z.string(), z.number())
const intervalsOf = (intervals: Record<string, number>) =>
  Object.entries(intervals).map(([name, seconds]) => ({ name, seconds }))

if (!existsSync(folder)) {
  describe('the regimes against the vectors', () => {
    beforeAll(() => console.log('skipped: no ../shared'))
    it.skip('skipped: no ../shared', () => undefined)
  })
} else {
  describe('2026-05 against the configuration of both prompts', () => {
    const config = z.object({
      asset_list: z.array(z.string()),
      label: z.string(),
      time_length: z.number(),
      time_increment: z.number(),
      cycle_interval_minutes: z.number(),
      timeout_extra_seconds: z.number(),
      scoring_intervals: namedSeconds,
      window_days: z.number(),
      softmax_beta: z.number(),
      smoothed_score_coefficient: z.number(),
      num_simulations: z.number(),
      data_retention_days: z.number(),
      thin_after_minutes: z.number(),
      thin_bucket_seconds: z.number(),
    })
    const { prompt_config } = read('helpers.json', z.object({ prompt_config: z.object({ low: config, high: config }) }))

    it.each(['low', 'high'] as const)('%s', (label) => {
      const expected = prompt_config[label]
      const competition = regime('2026-05').competitions.find(({ key }) => key === label)
      const profile = regime('2026-05').promptProfiles.find((candidate) => candidate.label === label)
      expect(competition).toMatchObject({
        label: expected.label,
        assets: expected.asset_list,
        timeLengthSeconds: expected.time_length,
        timeIncrementSeconds: expected.time_increment,
        intervals: intervalsOf(expected.scoring_intervals),
        windowDays: expected.window_days,
        beta: expected.softmax_beta,
      })
      const { numerator, denominator } = competition?.coefficient ?? { numerator: Number.NaN, denominator: 1 }
      expect(numerator / denominator).toBe(expected.smoothed_score_coefficient)
      expect(profile).toMatchObject({
        assets: expected.asset_list,
        pathCount: expected.num_simulations,
        extraSeconds: expected.timeout_extra_seconds,
        lanes: [{ assets: expected.asset_list, intervalMinutes: expected.cycle_interval_minutes, offsetMinutes: null }],
        retentionDays: expected.data_retention_days,
        thinning: {
          afterMinutes: expected.thin_after_minutes,
          bucketSeconds: expected.thin_bucket_seconds,
          keeper: 'minId',
        },
      })
    })
  })

  it('has the coefficients, windows, betas and shares of the averages of July', () => {
    const averages = read(
      'v2026-07/moving-average.json.gz',
      z.object({
        asset_coefficients: z.record(z.string(), z.number()),
        cases: z.array(
          z.object({ competition: z.string(), beta: z.number(), window_days: z.number(), coefficient: z.number() }),
        ),
      }),
    )
    const { SPYX: _retired, ...july } = regime('2026-07-23').assetCoefficients.byAsset
    expect(july).toEqual(averages.asset_coefficients)
    expect(regime('2026-09-22').assetCoefficients.byAsset).toEqual(averages.asset_coefficients)
    expect(averages.cases.length).toBeGreaterThan(0)
    for (const { competition, beta, window_days, coefficient } of averages.cases) {
      const known = regime('2026-07-23').competitions.find(({ label }) => label === competition)
      expect(known).toMatchObject({ beta, windowDays: window_days })
      expect((known?.coefficient.numerator ?? Number.NaN) / (known?.coefficient.denominator ?? 1)).toBe(coefficient)
    }
  })

  it('has the price symbols of July', () => {
    const symbols = z.record(z.string(), z.string())
    const payloads = read(
      'v2026-07/price-transform.json.gz',
      z.object({ binance_symbols: symbols, hyperliquid_coins: symbols }),
    )
    const symbolsOf = (venues: readonly string[]) =>
      Object.fromEntries(
        Object.entries(regime('2026-07-23').priceSources).flatMap(([asset, { venue, symbol }]) =>
          venues.includes(venue) ? [[asset, symbol]] : [],
        ),
      )
    expect(symbolsOf(['binanceSpot'])).toEqual(payloads.binance_symbols)
    expect(symbolsOf(['hyperliquidSpot', 'hyperliquidPerp'])).toEqual(payloads.hyperliquid_coins)
  })

  it('has the intervals and volatility blocks of September, weights to the last bit', () => {
    const vol = read(
      'v2026-09/vol-crps.json.gz',
      z.object({
        lambda: z.number(),
        intervals: z.array(z.tuple([z.string(), z.number()])),
        vol_blocks: z.array(z.tuple([z.string(), z.number(), z.number()])),
      }),
    )
    const hour = regime('2026-09-22').competitions.find(({ key }) => key === 'crypto-1h')
    expect(hour?.intervals.map(({ name, seconds }) => [name, seconds])).toEqual(vol.intervals)
    expect(
      hour?.volatilityBlocks.map(({ name, seconds, weightNumerator, weightDenominator }) => [
        name,
        seconds,
        weightNumerator / weightDenominator,
      ]),
    ).toEqual(vol.vol_blocks)
    expect(hour?.volatilityBlocks.every(({ weightNumerator }) => weightNumerator === vol.lambda)).toBe(true)
  })

  it('has the external competition of September', () => {
    const blend = read(
      'v2026-09/vhft-blend.json',
      z.object({
        min_participants: z.number(),
        max_participants: z.number(),
        cases: z.array(z.object({ beta: z.number(), coefficient: z.number() })),
        combine: z.array(z.object({ input: z.record(z.string(), z.unknown()) })),
      }),
    )
    const [external] = regime('2026-09-22').external
    expect(external).toMatchObject({ minParticipants: blend.min_participants, maxParticipants: blend.max_participants })
    for (const { beta, coefficient } of blend.cases) {
      expect(external?.beta).toBe(beta)
      expect((external?.coefficient.numerator ?? Number.NaN) / (external?.coefficient.denominator ?? 1)).toBe(
        coefficient,
      )
    }
    // The order in which weights are added.
    const order = [...regime('2026-09-22').competitions.map(({ label }) => label), external?.label]
    for (const { input } of blend.combine) {
      const labels = Object.keys(input)
      expect(labels).toEqual(order.filter((label) => label !== undefined && labels.includes(label)))
    }
  })

  describe('the rule behind the published prompt scores', () => {
    const rules = knownPromptScoreRules(book)
    const ruleOf = (id: string) => rules.find(({ regimeIds }) => regimeIds.includes(id))
    const scored = z.array(
      z.object({
        id: z.string(),
        scores: z.array(number).optional(),
        expected: z.object({ prompt_scores: z.array(number) }).nullable(),
      }),
    )
    const may = read('prompt-scores.json', z.object({ prompt_scores: scored }))
    const july = read(
      'v2026-07/prompt-scores.json',
      z.object({ prompt_scores: scored, same_inputs_under_p90_cap: scored }),
    )
    const autumn = read('v2026-09/prompt-scores.json', z.object({ prompt_scores: scored }))
    const inputs = new Map(july.prompt_scores.map(({ id, scores }) => [id, scores]))

    it.each([
      ['May', '2026-05', may.prompt_scores],
      ['July', '2026-07-16', july.prompt_scores],
      ['the p90 cap on the inputs of July', '2026-05', july.same_inputs_under_p90_cap],
      ['September', '2026-09-22', autumn.prompt_scores],
    ])('is recognised, or left open with others: %s', (_name, id, cases) => {
      const kinds = { one: 0, several: 0 }
      for (const { id: name, scores = inputs.get(name) ?? [], expected } of cases) {
        // Everybody missed: the validator stores nothing that one could look at.
        if (expected === null) continue
        const field = scores.map((crps, index) => ({ crps, promptScore: expected.prompt_scores[index] ?? Number.NaN }))
        const { kind, rules: found, ...decimals } = recogniseRule(field, rules)
        expect(found, name).toContain(ruleOf(id))
        // Left open exactly where the rules themselves say the same, but for numbers that look rounded.
        if (decimals.crpsDecimals === null && decimals.promptScoreDecimals === null) {
          const same = rules.filter((rule) =>
            scorePrompt(scores, rule)?.promptScores.every((score, index) => score === expected.prompt_scores[index]),
          )
          expect(found, name).toEqual(same)
        }
        if (kind !== 'none') kinds[kind] += 1
      }
      console.log(`${_name}: ${kinds.one} recognised, ${kinds.several} left open with others`)
      expect(kinds.one).toBeGreaterThan(0)
    })
  })
}
