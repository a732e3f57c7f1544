import { describe, expect, it } from 'vitest'
import { answerWith, type LadderLab, labPrompt, ladderLab } from '#tests/support/ladder-lab'
import { rungs } from '../journal/rung.ts'
import type { ModelAnswer } from '../models/volatility-model.ts'

const sound = answerWith()
const never = () => new Promise<ModelAnswer>(() => {})

async function rungOf(lab: LadderLab): Promise<string> {
  const answer = await lab.answer()
  return answer.ok ? `${answer.rung} ${answer.model.name}` : 'none'
}

describe('the order of the rungs', () => {
  it('is champion, champion before, calibrated, ewma, last known sigma', async () => {
    const models = { 'onnx:a': sound, seed: sound, calibrated: sound, ewma: sound, lastSigma: sound }
    const parameters = { champion: { low: 'reference', high: 'onnx:a' } }
    const silent = () => ({ ok: false, reason: 'no' }) as const
    const names = ['onnx:a', 'seed', 'calibrated', 'ewma', 'lastSigma'] as const
    for (const [i, name] of names.entries()) {
      const dead = Object.fromEntries(names.slice(0, i).map((other) => [other, silent]))
      const lab = ladderLab({ models: { ...models, ...dead }, parameters, previousChampion: 'seed' })
      expect(await rungOf(lab)).toBe(`${rungs[i]} ${name}`)
    }
  })

  it('asks a model once, on however many rungs it is', async () => {
    let asked = 0
    const calibrated = () => {
      asked += 1
      return { ok: false, reason: 'no minutes' } as const
    }
    const lab = ladderLab({ models: { calibrated, lastSigma: sound }, previousChampion: 'calibrated' })
    expect(await rungOf(lab)).toBe('lastSigma lastSigma')
    expect(asked).toBe(1)
  })

  it('takes the champion of the horizon that is asked for', async () => {
    const models = { seed: sound, reference: sound }
    const lab = ladderLab({ models, parameters: { champion: { low: 'seed', high: 'reference' } } })
    const day = { ...labPrompt, lengthSeconds: 86_400, stepSeconds: 300 }
    expect(await rungOf(lab)).toBe('champion reference')
    expect(await lab.answer(day)).toMatchObject({ rung: 'champion', model: { name: 'seed', version: 'seed 1' } })
  })

  it('asks the model of a hotkey that has one of its own, and the approved champion after it', async () => {
    const parameters = { champion: { low: 'seed', high: 'seed' } }
    const lab = ladderLab({ models: { 'onnx:own': sound, seed: sound }, parameters })
    const own = async (name: string) => {
      const answer = await lab.answer(labPrompt, name)
      return answer.ok ? `${answer.rung} ${answer.model.name}` : 'none'
    }
    expect(await own('onnx:own')).toBe('champion onnx:own')
    expect(await own('onnx:gone')).toBe('previousChampion seed')
    expect(await rungOf(lab)).toBe('champion seed')
  })

  it('has a first path that never moves where the setting says so, whatever the model', async () => {
    for (const flatFirstPath of [true, false]) {
      const lab = ladderLab({ models: { calibrated: sound }, flatFirstPath })
      await lab.answer()
      expect(lab.ensembles.jobs.map(({ recipe }) => recipe.flatFirstPath)).toEqual([flatFirstPath])
    }
  })

  it('continues when the parameters name a missing model', async () => {
    const lab = ladderLab({ models: { lastSigma: sound }, parameters: { champion: { low: 'x', high: 'onnx:gone' } } })
    expect(await rungOf(lab)).toBe('lastSigma lastSigma')
    expect(lab.log.entries[0]).toMatchObject({ event: 'forecast.fell', model: 'onnx:gone', kind: 'missing' })
  })
})

describe('a champion that misbehaves', () => {
  const variances = (value: number) => answerWith({ stepVariances: new Float64Array(60).fill(value) })
  it.each([
    ['NaN', variances(Number.NaN), 'badOutput'],
    ['infinity', variances(Number.POSITIVE_INFINITY), 'badOutput'],
    ['a negative variance', variances(-1e-9), 'badOutput'],
    ['a price that never moves', variances(0), 'badOutput'],
    ['per cent for shares', variances(4), 'badOutput'],
    ['too few steps', answerWith({ stepVariances: new Float64Array(59).fill(1e-7) }), 'badOutput'],
    ['no steps', answerWith({ stepVariances: new Float64Array(0) }), 'badOutput'],
    ['steps of another length', answerWith({ stepSeconds: 300 }), 'badOutput'],
    ['tails without a variance', answerWith({ tails: { kind: 'student', degreesOfFreedom: 2 } }), 'badOutput'],
    ['nothing at all', () => undefined as unknown as ModelAnswer, 'badOutput'],
    ['a forecast that is none', () => ({ ok: true, forecast: {}, isDegraded: false }) as never, 'badOutput'],
    [
      'an exception',
      () => {
        throw new Error('boom')
      },
      'threw',
    ],
    ['an exception from afar', () => Promise.reject(new Error('boom')), 'threw'],
  ] as const)('is passed over when it gives %s', async (_name, champion, kind) => {
    const lab = ladderLab({ models: { calibrated: champion, ewma: sound } })
    const answer = await lab.answer()
    expect(answer).toMatchObject({ ok: true, rung: 'ewma', falls: [{ rung: 'champion', model: 'calibrated', kind }] })
    // What it gave was not turned into paths.
    expect(lab.ensembles.jobs).toHaveLength(1)
    expect(lab.log.entries).toMatchObject([{ level: 'warn', event: 'forecast.fell', kind, asset: 'BTC' }])
  })

  it('is waited for only as long as its share of the time allows', async () => {
    const lab = ladderLab({ models: { calibrated: never, ewma: sound } })
    const answering = lab.answer()
    // 15 % of the ten seconds.
    await lab.clock.advance(1_499)
    expect(lab.ensembles.jobs).toEqual([])
    await lab.clock.advance(1)
    expect(await answering).toMatchObject({ rung: 'ewma', falls: [{ kind: 'overran' }] })
  })

  it('may answer later, from another thread', async () => {
    const lab = ladderLab({ models: { calibrated: async (question) => sound(question) } })
    expect(await rungOf(lab)).toBe('champion calibrated')
  })
})

describe('paths that cannot be sent', () => {
  it('are made again from the next rung, independent this time', async () => {
    const lab = ladderLab({ models: { calibrated: sound, ewma: sound } })
    lab.ensembles.answer = () => {
      lab.ensembles.answer = new (lab.ensembles.constructor as new () => typeof lab.ensembles)().answer
      return { ok: false, kind: 'badOutput', detail: 'path 3 reaches 0' }
    }
    expect(await lab.answer()).toMatchObject({
      rung: 'ewma',
      falls: [{ rung: 'champion', kind: 'badOutput', detail: 'path 3 reaches 0' }],
    })
    expect(lab.ensembles.jobs.map(({ recipe }) => recipe.arrangement.kind)).toEqual(['structured', 'independent'])
  })

  it('when a thread dies, it is tried once more on a rung below', async () => {
    const lab = ladderLab({ models: { calibrated: sound, ewma: sound, lastSigma: sound } })
    const kinds = ['died', undefined] as const
    const good = lab.ensembles.answer
    lab.ensembles.answer = (job) => {
      const kind = kinds[lab.ensembles.jobs.length - 1]
      return kind === undefined ? good(job) : { ok: false, kind, detail: 'gone' }
    }
    expect(await rungOf(lab)).toBe('ewma ewma')
    expect(lab.ensembles.jobs).toHaveLength(2)
  })

  it('stops a thread that loops at its share of the time, and still answers in time', async () => {
    const lab = ladderLab({ models: { calibrated: sound, ewma: sound, lastSigma: sound } })
    lab.ensembles.answer = () => new Promise(() => {})
    const answering = lab.answer()
    await lab.clock.advance(0)
    await lab.clock.advance(3_500)
    expect(lab.ensembles.stopped).toHaveLength(1)
    expect(lab.ensembles.jobs).toHaveLength(2)
    await lab.clock.advance(6_499)
    // Nothing that threads can do: the last resort, before the ten seconds are over.
    expect(await answering).toMatchObject({ rung: 'lastSigma', falls: [{}, {}, {}] })
    expect(lab.ensembles.stopped).toHaveLength(3)
    expect(lab.lastResort.jobs).toHaveLength(1)
  })

  it('says so when not even the last resort makes any', async () => {
    const lab = ladderLab({ models: { lastSigma: sound } })
    const bad = () => ({ ok: false, kind: 'badOutput', detail: 'no' }) as const
    lab.ensembles.answer = bad
    lab.lastResort.answer = bad
    expect(await lab.answer()).toMatchObject({ ok: false, falls: [{ kind: 'missing' }, { kind: 'missing' }, {}, {}] })
  })
})

describe('the arrangement', () => {
  const arrangementOf = async (lab: LadderLab, prompt = labPrompt): Promise<string | undefined> => {
    const answer = await lab.answer(prompt)
    return answer.ok ? answer.recipe.arrangement.kind : undefined
  }

  it('is structured by what is scored', async () => {
    const lab = ladderLab({ models: { calibrated: sound } })
    const answer = await lab.answer()
    expect(answer).toMatchObject({
      recipe: { arrangement: { kind: 'structured', intervals: [{ name: '5min', seconds: 300 }] } },
    })
  })

  it('is independent where nothing is scored', async () => {
    expect(await arrangementOf(ladderLab({ models: { calibrated: sound }, scoredIntervals: () => [] }))).toBe(
      'independent',
    )
  })

  it('is independent while the queue is long', async () => {
    const lab = ladderLab({ models: { calibrated: sound } })
    lab.ensembles.expectedMs = () => 1_501
    expect(await arrangementOf(lab)).toBe('independent')
    lab.ensembles.expectedMs = () => 1_500
    expect(await arrangementOf(lab)).toBe('structured')
  })

  it('is independent when little time is left', async () => {
    const lab = ladderLab({ models: { calibrated: sound } })
    lab.ensembles.expectedMs = () => 600
    // Four seconds ahead, of which three are kept back.
    const soon = { ...labPrompt, startAtSeconds: labPrompt.startAtSeconds - 56 }
    expect(await arrangementOf(lab, soon)).toBe('independent')
    expect(await arrangementOf(lab)).toBe('structured')
  })

  it('is independent when the answer is late already', async () => {
    const lab = ladderLab({ models: { calibrated: sound } })
    lab.ensembles.expectedMs = () => 1
    expect(await arrangementOf(lab, { ...labPrompt, startAtSeconds: labPrompt.startAtSeconds - 58 })).toBe(
      'independent',
    )
  })
})

describe('what is drawn ahead', () => {
  it('is what would be served, but for the price', async () => {
    const lab = ladderLab({ models: { ewma: sound } })
    const foreseen = await lab.ladder.foresee(labPrompt, 1n, 1_000)
    const served = await lab.answer()
    if (!served.ok) throw new Error('not served')
    expect({ ...foreseen, startPriceUsd: 100 }).toEqual(served.recipe)
  })

  it('is nothing where nothing is scored or no model answers', async () => {
    const lab = ladderLab({ models: { ewma: sound }, scoredIntervals: () => [] })
    expect(await lab.ladder.foresee(labPrompt, 1n, 1_000)).toBeUndefined()
    expect(await ladderLab({ models: {} }).ladder.foresee(labPrompt, 1n, 1_000)).toBeUndefined()
  })
})
