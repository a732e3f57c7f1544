import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command, CommanderError } from 'commander'
import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { QuietExit } from '#core/base/cli/quiet-exit'
import { AppError } from '#core/base/errors/app-error'
import { ErrorShape } from '#core/base/errors/error-shape'
import { dayMs } from '#core/base/time/units'
import { championModels } from '#core/forecast/models/model-names'
import type { ServedAnswers } from '#core/tuning/governance/reach'
import type { DiagnosisFacts } from '#core/tuning/governance/suggestion'
import { BlendShape } from '#core/tuning/views/blend-view'
import { ChangedShape, HistoryShape, MeasuredShape } from '#core/tuning/views/change-view'
import { CheckShape } from '#core/tuning/views/check-view'
import { CurrentShape } from '#core/tuning/views/current-view'
import { SuggestShape } from '#core/tuning/views/suggestion-view'
import { aGovernanceLab, MadeScores } from '#tests/support/governance-lab'
import { servedBy } from '#tests/support/served-by'
import { TestLogger } from '#tests/support/test-logger'
import { addGovernanceCommands } from './governance.ts'

const allAssets = 'BTC ETH SOL XRP HYPE XAU SP500 NVDAX GOOGLX TSLAX AAPLX WTIOIL SPCX'.split(' ')

interface TunerOptions {
  readonly started?: boolean
  readonly hasColor?: boolean
  /** What a person types; none: nobody is asked. */
  readonly typed?: readonly (string | undefined)[]
  readonly served?: ServedAnswers
  readonly settings?: readonly string[]
}

function aTuner(options: TunerOptions = {}) {
  const lab = aGovernanceLab(options)
  const scores = new MadeScores()
  const facts: DiagnosisFacts[] = []
  const questions: string[] = []
  const typed = [...(options.typed ?? [])]
  const ask = async (question: string) => {
    questions.push(question)
    return typed.shift()
  }
  const program = () => {
    const lines: string[] = []
    const root = new Command('tuner').exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} })
    addGovernanceCommands(root, {
      open: () => ({
        ...{ ledger: lab.ledger, evidence: lab.store, facts: lab.store, runs: lab.store, scores },
        diagnoses: { readFacts: async ({ asset }) => facts.filter((each) => each.asset === asset) },
        ...{ assets: allAssets, models: championModels, settings: lab.settings, close: () => {} },
        served: options.served ?? lab.served,
      }),
      terminal: {
        write: (line) => void lines.push(line),
        warn: () => {},
        columns: undefined,
        hasColor: options.hasColor ?? false,
      },
      clock: lab.clock,
      log: new TestLogger(),
      sha256: (text) => createHash('sha256').update(text).digest('hex'),
      ask: options.typed === undefined ? undefined : ask,
      settings: options.settings ?? [],
    })
    for (const command of root.commands) command.copyInheritedSettings(root)
    return { root, lines }
  }
  /** Runs a command as a person would. */
  const run = async (...words: string[]) => {
    const { root, lines } = program()
    try {
      await root.parseAsync(words, { from: 'user' })
      return { lines, text: lines.join('\n'), error: '', hint: '', exitCode: 0 }
    } catch (error) {
      const text = lines.join('\n')
      if (error instanceof QuietExit) return { lines, text, error: '', hint: '', exitCode: error.exitCode }
      if (error instanceof CommanderError) return { lines, text, error: error.message, hint: '', exitCode: 64 }
      if (!(error instanceof AppError)) throw error
      return { lines, text, error: `${error.code}: ${error.message}`, hint: error.hint, exitCode: error.exitCode }
    }
  }
  const json = async <S extends z.ZodType>(shape: S, ...words: string[]): Promise<z.output<S>> =>
    shape.parse(JSON.parse((await run(...words, '--json')).text))
  return { ...lab, scores, facts, questions, run, json, program }
}

const because = ['--reason', 'a test']

describe('tuner check', () => {
  it('says no with exit 1, and yes with exit 0 once fourteen days are over', async () => {
    const { run, days } = aTuner()
    const early = await run('check', 'btc', 'lambda')
    expect(early.exitCode).toBe(1)
    expect(early.lines).toEqual([
      'lambda of BTC',
      '  current   0.94 (default)',
      '  bounds    0.8 to 0.99',
      '  step      0.01',
      '  alters    lambda belongs to ewma, seed and lastSigma; BTC 24h and 1h are',
      '            served by calibrated, ewma and blend; a change would alter 2 of the',
      '            last 6 answers.',
      '  eligible  no',
      '  reason    The miner first ran on 2026-09-01; the first change may come 14 days',
      '            later, on 2026-09-15 12:00 UTC.',
    ])
    await days(14)
    expect(await run('check', 'BTC', 'lambda')).toMatchObject({ exitCode: 0, error: '' })
  })
  it('gives the same as JSON, with the instant from which it says yes', async () => {
    const { json, days } = aTuner()
    expect(await json(CheckShape, 'check', 'BTC', 'df')).toMatchObject({
      ...{ current: 5, eligible: false, eligibleAt: '2026-09-15T12:00:00Z', bounds: { min: 3, max: 50 }, step: 1 },
      obstacles: [{ kind: 'firstDays' }],
    })
    await days(14)
    const champion = await json(CheckShape, 'check', 'BTC', 'champion_low')
    expect(champion).toMatchObject({
      current: 'calibrated',
      eligible: true,
      eligibleAt: null,
      choices: [...championModels],
    })
  })
  it('knows the waits of a change, and that a miner that never ran has none to count from', async () => {
    const { json, days, propose } = aTuner()
    await days(20)
    propose('BTC', 'sigma_cap_daily', 0.11)
    const found = await json(CheckShape, 'check', 'BTC', 'sigma_cap_daily')
    expect(found.obstacles.map(({ kind }) => kind)).toEqual(['observation', 'betweenChanges', 'quarterly'])
    expect(found.eligibleAt).toBe('2026-12-20T12:00:00Z')
    const fresh = aTuner({ started: false })
    expect(await fresh.json(CheckShape, 'check', 'BTC', 'df')).toMatchObject({ eligible: false, eligibleAt: null })
  })
})

describe('tuner propose', () => {
  it('measures, lets a proven change through, and says what happens next', async () => {
    const { run, days, scores } = aTuner()
    await days(40)
    scores.factor = 0.98
    const { lines, exitCode } = await run('propose', 'BTC', 'lambda', '0.93', ...because)
    expect(exitCode).toBe(0)
    expect(lines[0]).toBe('Change 1: lambda of BTC from 0.94 to 0.93.')
    expect(lines[1]).toMatch(/^Evidence 1: score -2[.]\d+ % \(-2[.]\d+ to -1[.]\d+\), 720 prompts of 31 days[.]$/)
    expect(lines.slice(2).join(' ')).toBe(
      'lambda belongs to ewma, seed and lastSigma; BTC 24h and 1h are served by calibrated, ewma and blend; this change would alter 2 of the last 6 answers. The miner applies it at 2026-10-11 12:01 UTC, without a restart, and observes it for 14 days. "tuner revert 1" undoes it.',
    )
  })
  it('asks for the last thirty days, old against new, on the prompts that the parameter can touch', async () => {
    const { run, days, scores, clock } = aTuner()
    await days(40)
    await run('propose', 'BTC', 'shrink_high', '0.8', ...because)
    expect(scores.questions).toMatchObject([
      {
        asset: 'BTC',
        horizons: ['high'],
        fromMs: clock.nowMs() - 30 * dayMs,
        toMs: clock.nowMs(),
        oldParameters: { shrinkHigh: 0.9 },
        newParameters: { shrinkHigh: 0.8 },
      },
    ])
  })
  it('refuses what chance would do as well, keeps the evidence, and takes it with --force, marked', async () => {
    const { run, json, days, ledger } = aTuner()
    await days(40)
    const { error, exitCode } = await run('propose', 'BTC', 'lambda', '0.93', ...because)
    expect(error).toMatch(
      /^EVIDENCE_NOT_CONVINCING: On the same 720 prompts .* \(evidence 1\); the interval must be below zero[.]$/,
    )
    expect([exitCode, ledger.read()]).toEqual([1, []])
    const { change } = await json(
      ChangedShape,
      'propose',
      'BTC',
      'lambda',
      '0.93',
      ...because,
      '--evidence',
      '1',
      '--force',
    )
    expect(change).toMatchObject({ isForced: true, evidence: { id: 1 } })
  })
  it('only measures with --measure; the evidence carries the proposal later, but no other one', async () => {
    const { run, json, days, scores, ledger } = aTuner()
    await days(40)
    scores.factor = 0.97
    const { evidence, isImprovement } = await json(MeasuredShape, 'propose', 'BTC', 'lambda', '0.93', '--measure')
    expect([evidence.id, isImprovement, ledger.read()]).toEqual([1, true, []])
    expect((await run('propose', 'BTC', 'lambda', '0.95', ...because, '--evidence', '1')).error).toBe(
      'EVIDENCE_UNKNOWN: Evidence 1 is about lambda of BTC from 0.94 to 0.93, not about this change.',
    )
    expect((await run('propose', 'BTC', 'lambda', '0.93', ...because, '--evidence', '7')).exitCode).toBe(64)
    await days(14)
    expect((await run('propose', 'BTC', 'lambda', '0.93', ...because, '--evidence', '1')).error).toContain(
      '14 days old',
    )
    await days(-1)
    expect((await run('propose', 'BTC', 'lambda', '0.93', ...because, '--evidence', '1')).exitCode).toBe(0)
    expect(scores.questions).toHaveLength(1)
  })
  it('measures before anything may change, though no step that never may be made', async () => {
    const { run, scores, ledger } = aTuner()
    scores.factor = 0.97
    expect((await run('propose', 'BTC', 'lambda', '0.93', ...because)).error).toContain('CHANGE_TOO_EARLY')
    expect((await run('propose', 'BTC', 'lambda', '0.93', '--measure')).exitCode).toBe(0)
    expect((await run('propose', 'BTC', 'lambda', '0.83', '--measure')).error).toContain('CHANGE_STEP_TOO_LARGE')
    expect((await run('propose', 'BTC', 'lambda', '0.93', ...because, '--evidence', '1')).error).toContain(
      'CHANGE_TOO_EARLY',
    )
    expect(ledger.read()).toEqual([])
  })
  it('says that there is too little to tell, with how much there is', async () => {
    const { run, days, scores } = aTuner()
    await days(40)
    scores.promptsPerDay = 1
    const { error, exitCode } = await run('propose', 'BTC', 'lambda', '0.93', ...because)
    expect(error).toBe(
      'EVIDENCE_MISSING: BTC has 30 settled prompts of 30 days scored for both values of lambda; evidence needs 50 prompts of 7 days.',
    )
    expect(exitCode).toBe(1)
  })
  it.each([
    [['BTX', 'lambda', '0.93'], 64, 'ASSET_UNKNOWN: There is no asset BTX.', 'Did you mean BTC?'],
    [['BTC', 'lamda', '0.93'], 64, 'PARAMETER_UNKNOWN: There is no parameter lamda.', 'Did you mean lambda?'],
    [['BTC', 'lambda', 'much'], 64, 'PARAMETER_VALUE_INVALID: lambda is a number; "much" is not.', 'Give a number'],
    [['BTC', 'champion_low', 'evma'], 64, 'PARAMETER_VALUE_INVALID: There is no model evma. Did you mean ewma?', ''],
    [['BTC', 'lambda', '0.9'], 1, 'CHANGE_STEP_TOO_LARGE: lambda of BTC is 0.94 and may change by 0.01', 'tuner check'],
    [
      ['BTC', 'lambda', '1.2'],
      1,
      'CHANGE_OUT_OF_BOUNDS: lambda of BTC must be between 0.8 and 0.99; 1.2',
      'tuner check',
    ],
    [['BTC', 'lambda', '0.94'], 1, 'CHANGE_WITHOUT_EFFECT: lambda of BTC is already 0.94.', 'tuner current'],
    [
      ['ETH', 'df', '6'],
      1,
      'CHANGE_IN_OBSERVATION: Change 1 (lambda) of ETH is under observation until',
      'tuner revert',
    ],
  ])('refuses %j in one sentence, and writes nothing', async (words, exitCode, sentence, hint) => {
    const { run, days, propose, ledger } = aTuner()
    await days(40)
    propose('ETH', 'lambda', 0.92)
    const found = await run('propose', ...words, ...because)
    expect(found.error).toContain(sentence)
    expect(found.error).not.toMatch(/\n|\bat .*[.]ts/)
    expect(found.hint).toContain(hint)
    expect([found.exitCode, ledger.head().id]).toEqual([exitCode, 1])
  })
  it('decides by the ledger at the time of writing, not at the start of the measurement', async () => {
    const { run, days, scores, propose } = aTuner()
    await days(40)
    scores.factor = 0.97
    const read = scores.readPairs.bind(scores)
    scores.readPairs = async (question) => {
      propose('BTC', 'df', 6)
      return read(question)
    }
    expect((await run('propose', 'BTC', 'lambda', '0.93', ...because)).error).toContain('CHANGE_IN_OBSERVATION')
  })
})

describe('tuner propose without a reason', () => {
  const proposing = async (options: TunerOptions) => {
    const tuner = aTuner(options)
    await tuner.days(40)
    tuner.scores.factor = 0.97
    return tuner
  }
  it('shows the evidence, and asks a person at the terminal for a reason and a yes', async () => {
    const { run, json, questions } = await proposing({ typed: ['the last hours lag', 'y'] })
    const { lines, exitCode } = await run('propose', 'BTC', 'memory_low', '0.1')
    expect(exitCode).toBe(0)
    expect(lines.join(' ')).toMatch(
      /^memory_low belongs to calibrated; .* Evidence 1: score -3[.].*It supports the proposal[.] Change 1: memory_low of BTC from 0 to 0[.]1[.] Evidence 1: score [^;]* The miner applies it/,
    )
    expect(questions).toEqual([
      'Reason (Enter for "Manual tuning"): ',
      'Change memory_low of BTC from 0 to 0.1? (y/N) ',
    ])
    const { changes } = await json(HistoryShape, 'history')
    expect(changes).toMatchObject([{ reason: 'the last hours lag', isDefaultReason: false }])
  })
  it("takes Enter for the older miner's words, and marks them as nobody's", async () => {
    const { run, json } = await proposing({ typed: ['', 'yes'] })
    expect((await run('propose', 'BTC', 'level_high', '1.05')).exitCode).toBe(0)
    const { changes } = await json(HistoryShape, 'history')
    expect(changes).toMatchObject([{ reason: 'Manual tuning', isDefaultReason: true, isForced: false }])
    expect((await run('history')).text).toContain('Manual tuning (the default: nobody typed one)')
    expect((await run('history', '--verify')).text).toContain('The ledger is intact: 1 entry')
  })
  it.each([[['why', 'n']], [['why', '']], [['why', undefined]], [[undefined]]])(
    'changes nothing without a yes: %j',
    async (typed) => {
      const { run, ledger } = await proposing({ typed })
      const { lines, exitCode } = await run('propose', 'BTC', 'level_low', '1.05')
      expect([lines.at(-1), exitCode, ledger.read()]).toEqual(['Nothing was changed.', 1, []])
    },
  )
  it('measures in a pipe too, and prints the line that does the rest', async () => {
    const { run, ledger } = await proposing({ settings: ['--db.path', 'my data/m.sqlite'] })
    const { lines, error, hint, exitCode } = await run('propose', 'BTC', 'level_low', '1.05')
    expect(lines.join('\n')).toContain('It supports the proposal.')
    expect([exitCode, ledger.read()]).toEqual([64, []])
    expect(error).toBe('REASON_MISSING: Nothing was changed: there is no --reason, and nobody here to ask for one.')
    const line = "tuner --db.path 'my data/m.sqlite' propose BTC level_low 1.05 --evidence 1 --yes"
    expect(hint).toContain(`Run "${line}", or`)
    const done = await run('propose', 'BTC', 'level_low', '1.05', '--evidence', '1', '--yes')
    expect(done).toMatchObject({ exitCode: 0, error: '' })
    expect(ledger.read()[0]?.body).toMatchObject({ reason: 'Manual tuning', isDefaultReason: true })
  })
  it('measures nothing with --force, and still wants a yes', async () => {
    const { run, scores, ledger } = await proposing({})
    const { hint, exitCode } = await run('propose', 'BTC', 'level_low', '1.05', '--force')
    expect([hint.split('"')[1], exitCode]).toEqual(['tuner propose BTC level_low 1.05 --force --yes', 64])
    expect([scores.questions, ledger.read()]).toEqual([[], []])
  })
  it('asks for no reason that would not help: the evidence decides first', async () => {
    const { run, scores, questions } = await proposing({ typed: ['why', 'y'] })
    scores.factor = 1.01
    expect((await run('propose', 'BTC', 'level_low', '1.05')).error).toContain('EVIDENCE_NOT_CONVINCING')
    expect(questions).toEqual([])
  })
  it('takes no reason that no ledger could hold, typed or given', async () => {
    const { run, ledger } = await proposing({ typed: ['a\u0007bell'] })
    expect((await run('propose', 'BTC', 'level_low', '1.05')).error).toContain('REASON_INVALID')
    expect((await run('propose', 'BTC', 'level_low', '1.05', '--reason', ' ')).error).toContain('REASON_INVALID')
    expect(ledger.read()).toEqual([])
  })
})

describe('a parameter that reaches no answer', () => {
  const calibrated = { served: servedBy('calibrated') }
  const sentence =
    'lambda belongs to ewma, seed and lastSigma; BTC 24h and 1h are served by calibrated; this change would alter 0 of the last 2 answers.'
  it.each([[[]], [['--force']], [['--reason', 'x']], [['--yes', '--force']]])(
    'is said so by propose %j, with what to propose instead; nothing is measured or opened',
    async (extra) => {
      const { run, days, scores, ledger } = aTuner(calibrated)
      await days(40)
      const refused = await run('propose', 'BTC', 'lambda', '0.93', ...extra)
      expect(refused).toMatchObject({ error: `CHANGE_WITHOUT_EFFECT: ${sentence}`, exitCode: 1 })
      expect(refused.hint).toBe(
        'What does it for the model that serves: "tuner propose BTC memory_low 0.1", or "tuner propose BTC memory_high 0.1".',
      )
      expect([scores.questions, ledger.read()]).toEqual([[], []])
      expect((await run('propose', 'BTC', 'memory_low', '0.1', '--force', ...because)).exitCode).toBe(0)
    },
  )
  it('is still measured with --measure, and said so', async () => {
    const { json, scores } = aTuner(calibrated)
    scores.factor = 0.97
    const { reach, isImprovement } = await json(MeasuredShape, 'propose', 'BTC', 'lambda', '0.93', '--measure')
    expect([reach.altered, isImprovement]).toEqual([0, true])
  })
  it('is no change that check allows, and current names it', async () => {
    const { run, json, days } = aTuner(calibrated)
    await days(40)
    const checked = await run('check', 'BTC', 'lambda')
    expect(checked.exitCode).toBe(1)
    expect(checked.text.replace(/\n +/g, ' ')).toContain(
      'a change would alter 0 of the last 2 answers. Look at memory_low and memory_high instead.',
    )
    expect((await json(CheckShape, 'check', 'BTC', 'lambda')).obstacles).toMatchObject([{ kind: 'noEffect' }])
    expect(await json(CheckShape, 'check', 'BTC', 'level_low')).toMatchObject({
      eligible: true,
      reach: { altered: 1, total: 1, basis: 'served', models: ['calibrated'] },
    })
    const current = await run('current', '--asset', 'BTC', 'ETH')
    expect(current.lines.slice(-2).join(' ')).toBe(
      'BTC, ETH: calibrated serves; lambda, df, sigma_cap_daily, shrink_high alter none of its answers.',
    )
    const shown = (await json(CurrentShape, 'current', '--asset', 'BTC')).assets[0]!.parameters
    expect(shown.filter(({ reach }) => reach.altered > 0).map(({ parameter }) => parameter)).toEqual([
      ...['level_low', 'level_high', 'level_sd_low', 'level_sd_high', 'tail_low', 'tail_high'],
      ...['memory_low', 'memory_high', 'champion_low', 'champion_high'],
    ])
  })
  it('shows departures of the calibrated model in current, each with its mark', async () => {
    const { run, days, propose, clock } = aTuner(calibrated)
    await days(20)
    propose('BTC', 'memory_high', -0.1)
    await clock.advance(60_000)
    expect((await run('current')).lines).toContain('BTC calibrated: memory_high -0.1?')
  })
  it('is not opened where both values give the same scores, even by force', async () => {
    const { run, days, scores, ledger } = aTuner(calibrated)
    await days(40)
    scores.noise = 0
    const same = await run('propose', 'BTC', 'level_low', '1.05', ...because)
    expect(same.error).toBe(
      'CHANGE_WITHOUT_EFFECT: On the 720 prompts of 31 days of evidence 1 both values of level_low give the same scores.',
    )
    const forced = await run('propose', 'BTC', 'level_low', '1.05', ...because, '--evidence', '1', '--force')
    expect([forced.error, ledger.read()]).toEqual([same.error, []])
  })
  it('lets shares of a blend be set before it serves, without evidence, observation or wait', async () => {
    const { run, json, days, scores, ledger } = aTuner(calibrated)
    await days(40)
    scores.factor = 0.97
    const first = await run('propose', 'BTC', 'blend_low.ewma', '0.1', '--yes')
    expect(first.exitCode).toBe(0)
    expect(first.lines.join(' ')).toContain(
      'kept without evidence and observation; "tuner propose BTC champion_low blend" makes the blend serve.',
    )
    expect((await run('propose', 'BTC', 'blend_low.ewma', '0.2', '--yes')).exitCode).toBe(0)
    expect(scores.questions).toEqual([])
    const { changes } = await json(HistoryShape, 'history', '--verify')
    expect((await run('history')).text).toContain('evidence  none needed: it altered no answer')
    expect(changes.map(({ status, evidence, isForced }) => [status, evidence, isForced])).toEqual([
      ['kept', null, false],
      ['kept', null, false],
    ])
    expect((await run('check', 'BTC', 'champion_low')).exitCode).toBe(0)
    expect((await run('propose', 'BTC', 'champion_low', 'blend', ...because)).exitCode).toBe(0)
    expect(scores.questions[0]?.newParameters).toMatchObject({
      champion: { low: 'blend' },
      blend: { low: { calibrated: 0.8, ewma: 0.2 } },
    })
    // Now it serves, and its shares wait like everything else.
    expect((await run('propose', 'BTC', 'blend_low.ewma', '0.1', '--yes')).error).toContain('CHANGE_IN_OBSERVATION')
    expect(ledger.read().map(({ kind }) => kind)).toEqual(['proposed', 'verdict', 'proposed', 'verdict', 'proposed'])
  })
})

describe('tuner current', () => {
  it('shows all assets on a page of 80 columns, each value with its source', async () => {
    const { run, days, propose, clock } = aTuner()
    await days(20)
    propose('BTC', 'lambda', 0.93)
    propose('ETH', 'champion_high', 'blend')
    propose('SOL', 'blend_low.ewma', 0.1)
    await clock.advance(60_000)
    const { lines } = await run('current')
    expect(lines.filter((line) => line.length > 80)).toEqual([])
    expect(lines[0]).toBe('Effective parameters at 2026-09-21 12:01 UTC, revision 3')
    expect(lines.slice(2, 6)).toEqual([
      'asset    lambda     df     cap  shrink   24h model     1h model      next change',
      'BTC        0.93?     5     0.1     0.9   calibrated    calibrated    trial (1)',
      'ETH        0.93      5    0.12     0.9   calibrated    blend?        trial (2)',
      'SOL         0.9      4    0.18     0.9   calibrated    calibrated    trial (3)',
    ])
    expect(lines).toHaveLength(3 + allAssets.length + 4)
    expect(lines).toContain('ETH 1h blend: calibrated 1')
    expect(lines).toContain('SOL 24h blend: calibrated 0.9, ewma 0.1?')
  })
  it('tells a tuned value from one on trial, and a default from both', async () => {
    const { json, days, propose, ledger, clock } = aTuner()
    const source = async () => {
      const { assets } = await json(CurrentShape, 'current', '--asset', 'BTC')
      return assets[0]!.parameters
        .filter(({ source: from }) => from !== 'default')
        .map((each) => [each.parameter, each.value, each.source, each.changeId])
    }
    await days(20)
    expect(await source()).toEqual([])
    propose('BTC', 'lambda', 0.93)
    expect(await source()).toEqual([]) // it does not hold yet
    await clock.advance(60_000)
    expect(await source()).toEqual([['lambda', 0.93, 'trial', 1]])
    const kept = {
      decision: 'kept',
      assessment: 'better',
      comparison: null,
      by: 'daemon',
      reason: 'over',
      effectiveAtMs: null,
    } as const
    ledger.append(() => [{ kind: 'verdict', asset: 'BTC', changeId: 1, atMs: clock.nowMs(), body: kept }])
    expect(await source()).toEqual([['lambda', 0.93, 'tuned', 1]])
  })
  it('says when a change begins to hold, and that no miner has taken it', async () => {
    const { run, json, days, propose, clock } = aTuner()
    await days(20)
    propose('BTC', 'lambda', 0.93)
    expect((await run('current')).lines).toContain('BTC: lambda 0.93 from 2026-09-21 12:01 UTC on (change 1)')
    expect((await json(CurrentShape, 'current')).assets[0]).toMatchObject({ pendingChangeIds: [1] })
    await clock.advance(600_000)
    expect((await run('current')).lines).toContain(
      'BTC: no miner has applied change 1 yet; is it running on this database?',
    )
  })
  it('colours what is on trial only where colour is wanted', async () => {
    const colour = '\u001b['
    for (const hasColor of [true, false]) {
      const { run, days, propose } = aTuner({ hasColor })
      await days(20)
      propose('BTC', 'lambda', 0.93)
      expect((await run('current')).text.includes(colour)).toBe(hasColor)
    }
  })
})

describe('tuner history', () => {
  it('shows every change with its evidence and what became of it, within 80 columns', async () => {
    const { run, days, scores, clock } = aTuner()
    await days(40)
    scores.factor = 0.98
    await run(
      'propose',
      'BTC',
      'lambda',
      '0.93',
      '--reason',
      'short intervals lag behind the field on most days of the last month',
    )
    await clock.advance(3_600_000)
    await run('revert', '1', '--reason', 'the market turned')
    await run('propose', 'ETH', 'df', '6', '--reason', 'tails', '--force')
    const { lines, text } = await run('history')
    expect(lines.filter((line) => line.length > 80)).toEqual([])
    expect(lines[0]).toBe('1  BTC lambda 0.94 -> 0.93  2026-10-11 12:00 UTC')
    expect(text).toContain('  evidence  evidence 1: -2.')
    expect(text).toContain('  verdict   reverted 2026-10-11 13:00 UTC by the operator: the market turned')
    expect(text).toContain(
      '2  ETH df 5 -> 6  2026-10-11 13:00 UTC\n  reason    tails\n  evidence  forced, without evidence',
    )
    expect((await run('history', '--asset', 'ETH')).text).not.toContain('BTC')
  })
  it('verifies the chain, and names the first entry that does not fit', async () => {
    const { run, json, days, propose, revert, db, ledger } = aTuner()
    await days(20)
    propose('BTC', 'lambda', 0.93)
    revert(1)
    expect((await run('history', '--verify')).lines.slice(-2)).toEqual([
      'The ledger is intact: 2 entries, and they lead to the effective parameters.',
      `  last hash ${ledger.head().hash}`,
    ])
    expect((await json(HistoryShape, 'history', '--verify')).verification).toMatchObject({
      isSound: true,
      entryCount: 2,
    })
    db.exec('drop trigger ledger_is_never_updated')
    db.exec(`update ledger set body = replace(body, '0.93', '0.99') where id = 1`)
    const found = await run('history', '--verify', '--json')
    expect(found).toMatchObject({ exitCode: 65, error: 'LEDGER_DAMAGED: Entry 1 does not match its own hash.' })
    expect(HistoryShape.parse(JSON.parse(found.text)).verification).toMatchObject({ isSound: false })
  })
  it('has nothing to tell of a fresh miner', async () => {
    expect((await aTuner().run('history')).lines).toEqual(['No parameter was ever changed.'])
  })
})

describe('tuner revert', () => {
  it('undoes, says from when on, and refuses to do it twice', async () => {
    const { run, json, days, propose } = aTuner()
    await days(20)
    propose('BTC', 'lambda', 0.93)
    expect((await run('revert', '1', ...because)).lines).toEqual([
      'Change 1 is undone: lambda of BTC is 0.94 from 2026-09-21 12:01 UTC on.',
    ])
    expect(await run('revert', '1', ...because)).toMatchObject({
      error: 'CHANGE_NOT_REVERTIBLE: Change 1 was reverted already.',
      exitCode: 1,
    })
    propose('ETH', 'lambda', 0.92)
    expect((await json(ChangedShape, 'revert', '2', ...because)).change).toMatchObject({
      status: 'reverted',
      verdicts: [{ by: 'operator', reason: 'a test' }],
    })
  })
  it.each([
    [['9', ...because], 'CHANGE_UNKNOWN: There is no change 9; the newest is 1.'],
    [['1', '--reason', ' '], 'REASON_INVALID: The reason is empty.'],
    [['1'], 'REASON_MISSING: Nothing was changed: there is no --reason, and nobody here to ask for one.'],
    [['1', '--json'], 'REASON_MISSING: Nothing was changed'],
    [['one', ...because], 'It must be the number of a change.'],
  ])('refuses %j', async (words, sentence) => {
    const { run, days, propose, ledger } = aTuner()
    await days(20)
    propose('BTC', 'lambda', 0.93)
    const found = await run('revert', ...words)
    expect(found.error).toContain(sentence)
    expect([found.exitCode, ledger.head().id]).toEqual([64, 1])
  })
})

describe('tuner revert without a reason', () => {
  const undoing = async (options: TunerOptions) => {
    const tuner = aTuner(options)
    await tuner.days(20)
    tuner.propose('BTC', 'lambda', 0.93)
    return tuner
  }
  it('asks a person at the terminal for a reason and a yes', async () => {
    const { run, questions, ledger } = await undoing({ typed: ['rank fell', 'y'] })
    expect(await run('revert', '1')).toMatchObject({ exitCode: 0, error: '' })
    expect(questions).toEqual([
      'Reason (Enter for "Manual tuning"): ',
      'Undo change 1: lambda of BTC from 0.93 back to 0.94? (y/N) ',
    ])
    const { body } = ledger.read().at(-1)!
    expect(body).toMatchObject({ decision: 'reverted', reason: 'rank fell' })
    expect(body).not.toHaveProperty('isDefaultReason')
  })
  it("takes Enter for the default reason, and marks it as nobody's", async () => {
    const { run, json } = await undoing({ typed: ['', 'yes'] })
    expect((await run('revert', '1')).exitCode).toBe(0)
    const { changes } = await json(HistoryShape, 'history')
    expect(changes[0]?.verdicts).toMatchObject([{ reason: 'Manual tuning', isDefaultReason: true }])
    const { text } = await run('history', '--verify')
    expect(text.replace(/\s+/g, ' ')).toMatch(
      /by the operator: Manual tuning [(]the default: nobody typed one[)].*is intact/,
    )
  })
  it.each([[['why', 'n']], [[undefined]]])('undoes nothing without a yes: %j', async (typed) => {
    const { run, ledger } = await undoing({ typed })
    const { lines, exitCode } = await run('revert', '1')
    expect([lines, exitCode, ledger.head().id]).toEqual([['Nothing was changed.'], 1, 1])
  })
  it('prints in a pipe the line that undoes, and that line does', async () => {
    const { run, ledger } = await undoing({ settings: ['--db.path', 'my data/m.sqlite'] })
    const { hint, exitCode } = await run('revert', '1')
    expect([hint.split('"')[1], exitCode]).toEqual(["tuner --db.path 'my data/m.sqlite' revert 1 --yes", 64])
    expect(await run('revert', '1', '--yes')).toMatchObject({ exitCode: 0, error: '' })
    expect(ledger.read().at(-1)?.body).toMatchObject({ reason: 'Manual tuning', isDefaultReason: true })
  })
  it('asks nothing about a change that cannot be undone', async () => {
    const { run, questions } = await undoing({ typed: ['why', 'y'] })
    expect((await run('revert', '7')).error).toMatch(/^CHANGE_UNKNOWN/)
    expect(questions).toEqual([])
  })
})

describe('tuner suggest', () => {
  const lagging: DiagnosisFacts = {
    ...{
      asset: 'BTC',
      horizon: 'low',
      promptCount: 200,
      against: 'field',
      baseline: 'reference',
      totalRatio: 1.05,
      shortRatio: 1.05,
    },
    ...{ longRatio: 1, coverage95: undefined, longCoverage95: undefined, varianceRatio: 1, alternatives: [] },
  }
  it('says what was seen and the command that would follow, and changes nothing', async () => {
    const { run, json, days, facts, ledger } = aTuner({ served: servedBy('ewma') })
    facts.push(lagging)
    await days(20)
    expect((await run('suggest')).lines).toEqual([
      'BTC lambda 0.94 -> 0.93',
      '  because   short intervals score +5.0 % against reference (24h, n = 200):',
      '            follow the last minutes faster',
      '  alters    lambda belongs to ewma, seed and lastSigma; BTC 24h and 1h are',
      '            served by ewma; this change would alter 2 of the last 2 answers.',
      '  next      tuner propose BTC lambda 0.93',
      '',
    ])
    expect((await json(SuggestShape, 'suggest')).suggestions).toMatchObject([{ newValue: 0.93, eligible: true }])
    expect(ledger.read()).toEqual([])
    // As older miners take it: here the scores are in the database.
    expect((await run('suggest', '--diagnostics-file', 'diagnostics.json')).lines[0]).toBe('BTC lambda 0.94 -> 0.93')
  })
  it('says why not yet, that nothing stands out, or that nothing was scored', async () => {
    const { run, facts } = aTuner({ served: servedBy('ewma') })
    expect(await run('suggest', '--asset', 'BTC')).toMatchObject({
      error: 'DIAGNOSIS_MISSING: No prompt of BTC in the last 30 days has been scored.',
      exitCode: 75,
    })
    facts.push(lagging)
    expect((await run('suggest')).text).toContain('  not yet   The miner first ran on 2026-09-01')
    facts[0] = { ...lagging, shortRatio: 1 }
    expect((await run('suggest')).lines).toEqual(['Nothing stands out: no change is suggested.'])
    facts[0] = { ...lagging, baseline: undefined, totalRatio: undefined, shortRatio: undefined }
    expect((await run('suggest')).text).toContain('No baseline was scored on the prompts of BTC 24h')
  })
})

describe('what is written about the commands', () => {
  it('has JSON in docs/governance.md that has the documented shapes', () => {
    const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'governance.md'), 'utf8')
    const shapes = {
      ...{ check: CheckShape, changed: ChangedShape, measured: MeasuredShape, error: ErrorShape, blend: BlendShape },
      ...{ current: CurrentShape, history: HistoryShape, suggest: SuggestShape },
    }
    const seen = [...page.matchAll(/<!-- shape: (\w+) -->\n```json\n([^`]+)```/g)].map(([, name, text]) => {
      shapes[name as keyof typeof shapes].parse(JSON.parse(text!))
      return name
    })
    expect(seen.sort()).toEqual(Object.keys(shapes).sort())
  })
})
