import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { AppError } from '#core/base/errors/app-error'
import { buildRegimeBook, type OperatorRegimes } from '#core/synth/regimes/book'
import { builtInRegimes } from '#core/synth/regimes/table/built-in'
import { addRegimesCommand } from './regimes.ts'

async function run(words: readonly string[], operator?: OperatorRegimes): Promise<string[]> {
  const lines: string[] = []
  const program = new Command('tuner').exitOverride()
  addRegimesCommand(program, {
    loadBook: () => buildRegimeBook(builtInRegimes, operator),
    write: (line) => lines.push(line),
  })
  await program.parseAsync(['regimes', ...words], { from: 'user' })
  return lines
}

async function runJson<S extends z.ZodType>(words: readonly string[], schema: S): Promise<z.output<S>> {
  return schema.parse(JSON.parse((await run([...words, '--json'])).join('\n')))
}

async function errorOf(words: readonly string[]): Promise<AppError> {
  try {
    await run(words)
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
  throw new Error('no error')
}

describe('regimes list', () => {
  it('names every regime with what it changed and when', async () => {
    const text = (await run(['list'])).join('\n')
    expect(text).toContain(
      '2026-09-22  the score of crypto 1h is price CRPS plus volatility CRPS, lambda\n  5.25\n  score: on 2026-09-22, hour not known',
    )
    expect(text).toContain('prompt, average: from 2026-07-07 13:00 UTC')
    expect(text).toContain('score: about 2026-09-08, between 2026-08-25 and 2026-09-22')
  })

  it('names a gap where it came in, not at every regime after', async () => {
    const lines = await run(['list'])
    expect(lines.filter((line) => line.includes('storage.rounding'))).toHaveLength(1)
  })

  it('shows regimes of the file, those without a date too', async () => {
    const content = [{ id: 'what-if', extends: '2026-09-22', owner: 'equalToSum' }]
    const lines = await run(['list'], { fileName: 'regimes.yaml', content })
    expect(lines.slice(lines.findIndex((line) => line.startsWith('what-if')))).toEqual([
      'what-if  stated by the operator',
      '  never by date, only by --regime',
      '  operator by the regime file',
      '  stated by the operator',
    ])
  })

  it('gives all of it as JSON', async () => {
    const all = await runJson(
      ['list'],
      z.object({ regimes: z.array(z.object({ id: z.string(), effective: z.record(z.string(), z.unknown()) })) }),
    )
    expect(all.regimes).toHaveLength(builtInRegimes.length)
  })
})

describe('regimes show', () => {
  it('prints rules that a regime file could state', async () => {
    const text = (await run(['show', '2026-09-22'])).join('\n')
    const rules: unknown = parse(text)
    const book = buildRegimeBook(builtInRegimes, {
      fileName: 'copy.yaml',
      content: [
        {
          id: 'copy',
          extends: '2025-11-10',
          ...z.record(z.string(), z.unknown()).parse(rules),
          competitions: {
            low: 'remove',
            ...z.object({ competitions: z.record(z.string(), z.unknown()) }).parse(rules).competitions,
          },
        },
      ],
    })
    expect(book.byName.get('copy')?.competitions).toEqual(book.byName.get('2026-09-22')?.competitions)
  })

  it('takes an alias', async () => expect((await run(['show', 'v1.10.0']))[0]).toMatch(/^# 2026-06-23 /))

  it('answers an unknown name with the known ones and the nearest', async () => {
    const error = await errorOf(['show', '2026-09-cup'])
    expect(error.code).toBe('REGIME_UNKNOWN')
    expect(error.exitCode).toBe(64)
    expect(error.message).toMatch(/Did you mean 2026-09-cap[?] Known: 2025-11-10/)
  })
})

describe('regimes at', () => {
  const decision = z.object({ decision: z.object({ regimeId: z.string(), isCertain: z.boolean() }) })
  const prediction = z.object({
    prompt: decision,
    answer: decision,
    scoring: decision.extend({ totalScore: z.string(), scoringAt: z.string() }),
    average: decision,
  })

  it('resolves one prediction in its steps', async () => {
    const rules = await runJson(['at', '2026-09-21T12:00Z', '--asset', 'btc', '--length', '24h'], prediction)
    expect(rules).toMatchObject({
      prompt: { decision: { regimeId: '2026-07-23', isCertain: true } },
      answer: { decision: { regimeId: '2026-07-16', isCertain: true } },
      scoring: { decision: { regimeId: '2026-09-22' }, scoringAt: '2026-09-22T12:01:30Z' },
    })
  })

  it('says what is not certain', async () => {
    const text = (await run(['at', '2026-09-21T12:00Z', '--asset', 'BTC', '--length', '3600'])).join('\n')
    expect(text).toContain('scoring, due 2026-09-21T13:01:30Z: 2026-09-cap  not certain, may be 2026-07-23')
    expect(text).toContain('prices from binanceSpot BTCUSDT')
  })

  it('takes the regime that is named', async () => {
    const rules = await runJson(
      ['at', '2026-11-01', '--asset', 'BTC', '--length', '60m', '--regime', '2026-05'],
      prediction,
    )
    expect(rules.scoring.decision).toEqual({ regimeId: '2026-05', isCertain: true })
  })

  it('shows who is asked for what when no asset is named', async () => {
    const text = (await run(['at', '2026-11-01'])).join('\n')
    expect(text).toContain('low: 86400 s by 300 s, 1000 paths, BTC ETH SOL XRP HYPE XAU SP500')
    expect(text).toContain('Crypto 1h: 5 days, beta -0.3, share 1/3, BTC ETH SOL XRP HYPE')
    const json = await runJson(
      ['at', '2026-11-01'],
      z.object({ prompt: decision, scoring: decision, average: decision }),
    )
    expect(json.average.decision.regimeId).toBe('2026-09-vhft-b4')
  })

  it.each([
    [['at', 'tomorrow'], 'USAGE', '"tomorrow" is not an instant.'],
    [['at', '2026-11-01', '--asset', 'BTC'], 'USAGE', '--length is missing.'],
    [['at', '2026-11-01', '--length', '1h'], 'USAGE', '--asset is missing.'],
    [['at', '2026-11-01', '--asset', 'BTC', '--length', '1d'], 'USAGE', '--length 1d is not a duration.'],
    [['at', '2026-11-01', '--asset', 'BTC', '--length', '2h'], 'HORIZON_UNKNOWN', 'Known: 86400 (24 h), 3600 (1 h).'],
    [
      ['at', '2026-11-01', '--asset', 'BTX', '--length', '1h'],
      'ASSET_UNKNOWN',
      'Did you mean BTC? Known: BTC, ETH, SOL, XRP, HYPE.',
    ],
    [['at', '2020-01-01'], 'REGIME_UNKNOWN', 'the first is 2025-11-10'],
  ])('refuses %j with %s', async (words, code, sentence) => {
    const error = await errorOf(words)
    expect(error.code).toBe(code)
    expect(error.exitCode).toBe(64)
    expect(error.message).toContain(sentence)
  })
})
