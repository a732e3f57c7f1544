import type { ExtendingDefinition } from '../definition.ts'
import { between, exactly } from '../instant.ts'
import { hyperliquidPerp, oldHome, pythBenchmarks } from './sources.ts'

const firstEquities = ['BTC', 'ETH', 'XAU', 'SOL', 'SPYX', 'NVDAX']
const allEquities = [...firstEquities, 'TSLAX', 'AAPLX', 'GOOGLX']
const twelve = [...allEquities, 'XRP', 'HYPE', 'WTIOIL']
const highFive = ['BTC', 'ETH', 'XAU', 'SOL', 'HYPE']
const pro = ['pythPro'] as const

/** January to May 2026: two prompts, Pyth prices, the p90 cap. */
export const spring2026: readonly ExtendingDefinition[] = [
  {
    id: '2026-01-19',
    extends: '2025-12-16',
    aliases: ['v1.7.0'],
    summary: 'a minute more to answer; the vectorised sums of today; the softmax subtracts its maximum',
    source: oldHome('v1.7.0; live before the equities it schedules for 2026-01-20 14:00', 'cbe0c0e'),
    effective: { promptFrom: between('2026-01-19T18:06:17Z', '2026-01-19T18:06:17Z', '2026-01-20T14:00:00Z') },
    promptProfiles: { low: { extraSeconds: 120 }, high: { extraSeconds: 120 } },
    settles: ['gapMode'],
  },
  {
    id: '2026-01-20',
    extends: '2026-01-19',
    aliases: ['2026-01-13'],
    summary: 'SPYX and NVDAX; new coefficients; an answer is no longer refused for its time of arrival',
    source: oldHome('the launch time written in the code; v1.7.1', 'efc8f4a', 'dec893e', 'cbe0c0e', '16dd818'),
    effective: {
      promptFrom: exactly('2026-01-20T14:00:00Z'),
      answerFrom: between('2026-01-20T16:41:59Z', '2026-01-20T17:00:14Z', '2026-01-21T00:00:00Z'),
      scoreFrom: exactly('2026-01-20T14:00:00Z'),
      averageFrom: exactly('2026-01-20T14:00:00Z'),
    },
    answerLateness: 'notChecked',
    competitions: { low: { assets: firstEquities } },
    promptProfiles: {
      low: { assets: firstEquities, lanes: [{ assets: firstEquities, intervalMinutes: 10, offsetMinutes: null }] },
    },
    priceSources: { SPYX: pythBenchmarks('Crypto.SPYX/USD'), NVDAX: pythBenchmarks('Crypto.NVDAX/USD') },
    assetCoefficients: {
      byAsset: {
        ETH: 0.6715516528608204,
        XAU: 2.262003561659039,
        SOL: 0.5883682889710361,
        SPYX: 2.9914378891824693,
        NVDAX: 1.3885444209082594,
        TSLAX: 1.420016421725336,
        AAPLX: 1.864976360560554,
        GOOGLX: 1.4310534797250312,
      },
    },
  },
  {
    id: '2026-01-22',
    extends: '2026-01-20',
    summary: 'the extra minute is gone; requests leave at whole minutes',
    source: oldHome('v1.7.2', '22fe852'),
    effective: { promptFrom: between('2026-01-22T14:51:59Z', '2026-01-22T14:51:59Z', '2026-01-23T00:00:00Z') },
    promptProfiles: {
      low: { extraSeconds: 60, usualAnswerSeconds: 119 },
      high: { extraSeconds: 60, usualAnswerSeconds: 119 },
    },
  },
  {
    id: '2026-01-27',
    extends: '2026-01-22',
    summary: 'TSLAX, AAPLX and GOOGLX',
    source: oldHome('v1.7.3, with the launch time written in the code', 'dce0861'),
    effective: { promptFrom: exactly('2026-01-27T14:00:00Z'), scoreFrom: exactly('2026-01-27T14:00:00Z') },
    competitions: { low: { assets: allEquities } },
    promptProfiles: {
      low: { assets: allEquities, lanes: [{ assets: allEquities, intervalMinutes: 60 / 9, offsetMinutes: null }] },
    },
    priceSources: {
      TSLAX: pythBenchmarks('Crypto.TSLAX/USD'),
      AAPLX: pythBenchmarks('Crypto.AAPLX/USD'),
      GOOGLX: pythBenchmarks('Crypto.GOOGLX/USD'),
    },
  },
  {
    id: '2026-03-11',
    extends: '2026-01-27',
    aliases: ['v1.7.6'],
    summary:
      'gap intervals count only the first change, as they were meant to (equity coefficients, live since 2026-01-20, lose their schedule)',
    source: oldHome('v1.7.6', 'bcedc73', '91871d4'),
    effective: { scoreFrom: between('2026-03-11T08:47:17Z', '2026-03-11T08:47:42Z', '2026-03-12T00:00:00Z') },
    gapMode: 'firstChange',
  },
  {
    id: '2026-04-06',
    extends: '2026-03-11',
    aliases: ['v1.8.0'],
    summary: 'all coefficients refitted; the average in its vectorised form; the 1h prompt every 2.5 minutes',
    source: oldHome('v1.8.0', 'ed91545'),
    effective: {
      promptFrom: between('2026-04-06T18:19:18Z', '2026-04-06T18:19:18Z', '2026-04-10T14:00:00Z'),
      averageFrom: between('2026-04-06T18:19:18Z', '2026-04-06T18:19:18Z', '2026-04-10T14:00:00Z'),
    },
    gaps: [
      {
        path: 'promptProfiles.low.assets',
        kind: 'assumed',
        note: 'XRP, HYPE and WTIOIL were first scheduled for 2026-04-07 14:00 UTC and put off at 15:20 UTC that day: some may have been asked for in between',
      },
    ],
    promptProfiles: {
      low: { retentionDays: 12 },
      high: {
        retentionDays: 4,
        lanes: [{ assets: ['BTC', 'ETH', 'XAU', 'SOL'], intervalMinutes: 2.5, offsetMinutes: null }],
      },
    },
    settles: ['average'],
    assetCoefficients: {
      byAsset: {
        ETH: 0.7064366394033871,
        XAU: 1.7370922597118699,
        SOL: 0.6310037175639559,
        SPYX: 3.437935601155441,
        NVDAX: 1.6028217601617174,
        TSLAX: 1.6068755936957768,
        AAPLX: 2.0916380815843123,
        GOOGLX: 1.6827392777257926,
        XRP: 0.5658394110809131,
        HYPE: 0.4784547133706857,
        WTIOIL: 0.8475062847978935,
      },
    },
  },
  {
    id: '2026-04-10',
    extends: '2026-04-06',
    summary: 'XRP, HYPE and WTIOIL in the 24h prompt, HYPE in the 1h prompt',
    source: oldHome('v1.8.1, with the launch time written in the code', 'ed91545', 'c4bb315'),
    effective: { promptFrom: exactly('2026-04-10T14:00:00Z'), scoreFrom: exactly('2026-04-10T14:00:00Z') },
    settles: ['promptProfiles.low.assets'],
    competitions: { low: { assets: twelve }, high: { assets: highFive } },
    promptProfiles: {
      low: { assets: twelve, lanes: [{ assets: twelve, intervalMinutes: 5, offsetMinutes: null }] },
      high: { assets: highFive, lanes: [{ assets: highFive, intervalMinutes: 2, offsetMinutes: null }] },
    },
    priceSources: {
      XRP: pythBenchmarks('Crypto.XRP/USD'),
      HYPE: pythBenchmarks('Crypto.HYPE/USD'),
      WTIOIL: hyperliquidPerp('xyz:CL'),
    },
  },
  {
    id: '2026-04-14',
    extends: '2026-04-10',
    aliases: ['v1.8.2'],
    summary: 'a path without its last price is not scored; scoring waits a minute',
    source: oldHome('v1.8.2', '1c3e7fc'),
    effective: { scoreFrom: between('2026-04-14T11:18:17Z', '2026-04-14T11:18:17Z', '2026-04-15T00:00:00Z') },
    settlement: { lastPrice: 'required', gateSeconds: 60 },
  },
  {
    id: '2026-05',
    extends: '2026-04-14',
    aliases: ['2026-05-15', '2026-05-22', 'v1.9.0'],
    summary: 'settlement witness and 90 s gate; Pyth Pro as a second backend; thinning; a fixed interval per cycle',
    source: oldHome(
      'v1.9.0: merged on 2026-05-15, announced for 2026-05-22',
      '53614a9',
      '4acffa5',
      'de0b625',
      'c0ad662',
    ),
    effective: {
      promptFrom: between('2026-05-15T16:48:38Z', '2026-05-15T19:40:35Z', '2026-05-23T00:00:00Z'),
      scoreFrom: between('2026-05-15T16:42:02Z', '2026-05-15T19:40:35Z', '2026-05-23T00:00:00Z'),
      averageFrom: exactly('2026-04-10T14:00:00Z'),
    },
    promptProfiles: {
      low: { thinning: { afterMinutes: 30, bucketSeconds: 3600, keeper: 'minId' } },
      high: { thinning: { afterMinutes: 10, bucketSeconds: 600, keeper: 'minId' } },
    },
    settlement: { gateSeconds: 90, witnessSeconds: 60 },
    priceSources: {
      BTC: { alternatives: pro },
      ETH: { alternatives: pro },
      XAU: { alternatives: pro },
      SOL: { alternatives: pro },
      SPYX: { alternatives: pro },
      NVDAX: { alternatives: pro },
      TSLAX: { alternatives: pro },
      AAPLX: { alternatives: pro },
      GOOGLX: { alternatives: pro },
      XRP: { alternatives: pro },
      HYPE: { alternatives: pro },
    },
  },
  {
    id: '2026-05-29',
    extends: '2026-05',
    aliases: ['2026-05-26'],
    summary: 'a storage backend that keeps answers as float32, and an option for the interval of a cycle',
    source: oldHome('merged on 2026-05-26 and 2026-05-29, released with v1.9.1', 'b4918ec', 'ec8a625'),
    effective: { answerFrom: between('2026-05-29T13:33:45Z', '2026-05-29T13:33:45Z', '2026-06-09T00:00:00Z') },
    storage: { alternatives: ['float32'] },
  },
]
