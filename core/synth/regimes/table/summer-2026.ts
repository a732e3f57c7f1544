import type { ExtendingDefinition } from '../definition.ts'
import { between, exactly, onDay } from '../instant.ts'
import { dayIntervals, hourIntervals } from './intervals.ts'
import { binanceSpot, hyperliquidPerp, hyperliquidSpot, newHome, pythPro } from './sources.ts'

const crypto = ['BTC', 'ETH', 'SOL', 'XRP', 'HYPE']
const lowTwelve = ['BTC', 'ETH', 'XAU', 'SOL', 'SPYX', 'NVDAX', 'TSLAX', 'AAPLX', 'GOOGLX', 'XRP', 'HYPE', 'WTIOIL']
const highFive = ['BTC', 'ETH', 'XAU', 'SOL', 'HYPE']
const othersJune = ['XAU', 'SPYX', 'NVDAX', 'GOOGLX', 'TSLAX', 'AAPLX', 'WTIOIL', 'SPCX']
const othersJuly = ['XAU', 'SP500', 'NVDAX', 'GOOGLX', 'TSLAX', 'AAPLX', 'WTIOIL', 'SPCX']
const splitFields = ['com-equ-24h', 'crypto-24h', 'crypto-1h'].flatMap((key) =>
  ['beta', 'windowDays'].map((field) => `competitions.${key}.${field}`),
)
const third = { numerator: 1, denominator: 3 }

/** Scheduled for 2026-07-23; SP500 was scored from about 2026-07-19 on, so that prompts for it began before. */
const feedChange = between('2026-07-17T00:00:00Z', '2026-07-23T00:00:00Z', '2026-07-24T00:00:00Z')

/** June and July 2026: three competitions, and by the end of July no Pyth prices, no cap and no owner's half. */
export const summer2026: readonly ExtendingDefinition[] = [
  {
    id: '2026-06-03',
    extends: '2026-05-29',
    summary: 'the 24h prompt every 4 minutes, the 1h prompt every 3',
    source: newHome('changelog: "3 PM CET", which is 13:00 UTC by the clock of the season and 14:00 by the letter'),
    effective: { promptFrom: between('2026-06-03T13:00:00Z', '2026-06-03T13:00:00Z', '2026-06-03T14:00:00Z') },
    promptProfiles: {
      low: { lanes: [{ assets: lowTwelve, intervalMinutes: 4, offsetMinutes: null }] },
      high: { lanes: [{ assets: highFive, intervalMinutes: 3, offsetMinutes: null }] },
    },
  },
  {
    id: '2026-06-08',
    extends: '2026-06-03',
    aliases: ['v1.9.1'],
    summary: 'only totals are reported beside a score; answers may be kept as float32',
    source: newHome('changelog v1.9.1'),
    effective: { answerFrom: onDay('2026-06-08'), scoreFrom: onDay('2026-06-08') },
    detailRows: 'totals',
    storage: { rounding: 'float32', alternatives: ['float64'] },
    gaps: [
      {
        path: 'storage.rounding',
        kind: 'assumed',
        note: 'float32 is what the operator of the subnet uses today; the day of that move, from this release on, is not known',
      },
    ],
  },
  {
    id: '2026-06-15',
    extends: '2026-06-08',
    aliases: ['v1.9.3'],
    summary: 'the process file shipped for a week: betas -0.4 and -0.4, window of the 1h prompt 5 days',
    source: newHome('a process file between v1.9.3 and v1.10.0; the order of its versions is inferred'),
    effective: { averageFrom: between('2026-06-15T00:00:00Z', '2026-06-15T00:00:00Z', '2026-06-23T00:00:00Z') },
    competitions: { low: { beta: -0.4 }, high: { beta: -0.4, windowDays: 5 } },
    gaps: [
      { path: 'competitions.low.beta', kind: 'assumed', note: 'which validators ran with this file is not known' },
      { path: 'competitions.high.beta', kind: 'assumed', note: 'which validators ran with this file is not known' },
    ],
  },
  {
    // Not on top of 2026-06-15: that regime is uncertain, and no later one needs it.
    id: '2026-06-17',
    extends: '2026-06-08',
    summary: 'the 24h prompt every 3 minutes; addresses of validators published, stake of 65 000 and permit advised',
    source: newHome('changelog, effective 3 PM UTC'),
    effective: { promptFrom: exactly('2026-06-17T15:00:00Z') },
    promptProfiles: { low: { lanes: [{ assets: lowTwelve, intervalMinutes: 3, offsetMinutes: null }] } },
    access: {
      minValidatorStake: 65_000,
      permit: 'required',
      validatorAddresses: ['35.195.33.228', '34.45.197.133', '167.150.153.50'],
    },
  },
  {
    id: '2026-06-23',
    extends: '2026-06-17',
    aliases: ['v1.10.0'],
    summary:
      'three competitions with a third each; SPCX enters, XRP enters 1h, XAU leaves 1h; unsigned requests refused',
    source: newHome('changelog v1.10.0; the public API shows the first row that day'),
    effective: {
      promptFrom: onDay('2026-06-23'),
      scoreFrom: onDay('2026-06-23'),
      averageFrom: onDay('2026-06-23'),
    },
    route: 'byLengthAndAsset',
    competitions: {
      low: 'remove',
      high: 'remove',
      'com-equ-24h': {
        label: 'Commodities/Equities 24h',
        slug: 'com-equ-24h',
        assets: othersJune,
        timeLengthSeconds: 86_400,
        timeIncrementSeconds: 300,
        intervals: dayIntervals,
        volatilityBlocks: [],
        windowDays: 10,
        beta: -0.15,
        coefficient: third,
      },
      'crypto-24h': {
        label: 'Crypto 24h',
        slug: 'crypto-24h',
        assets: crypto,
        timeLengthSeconds: 86_400,
        timeIncrementSeconds: 300,
        intervals: dayIntervals,
        volatilityBlocks: [],
        windowDays: 10,
        beta: -0.15,
        coefficient: third,
      },
      'crypto-1h': {
        label: 'Crypto 1h',
        slug: 'crypto-1h',
        assets: crypto,
        timeLengthSeconds: 3600,
        timeIncrementSeconds: 60,
        intervals: hourIntervals,
        volatilityBlocks: [],
        windowDays: 5,
        beta: -0.3,
        coefficient: third,
      },
    },
    promptProfiles: {
      low: {
        assets: [...crypto, ...othersJune],
        lanes: [{ assets: [...crypto, ...othersJune], intervalMinutes: 3, offsetMinutes: null }],
      },
      high: { assets: crypto, lanes: [{ assets: crypto, intervalMinutes: 3, offsetMinutes: null }] },
    },
    access: { signature: 'required' },
    priceSources: { SPCX: pythPro('Pyth.HL.SPCX/USDC') },
    assetCoefficients: { byAsset: { SPCX: 'unknown' } },
    average: { newestRowLagSeconds: 60 },
    gaps: [
      {
        path: 'assetCoefficients.byAsset.SPCX',
        kind: 'unknown',
        note: 'SPCX entered with a coefficient that was replaced on 2026-07-07 and is in no text we could read',
      },
      {
        path: 'priceSources.SPCX',
        kind: 'assumed',
        note: 'the symbol is published; that it was read from Pyth Pro is inferred, since the other Pyth history does not serve it',
      },
      {
        path: 'promptProfiles.low.assets',
        kind: 'assumed',
        note: 'the order of the cycle was read in a text of July 2026',
      },
      ...splitFields.map((path) => ({
        path,
        kind: 'assumed' as const,
        note: 'read in a text of 2026-07-10 and assumed from the split on',
      })),
      {
        path: 'average.newestRowLagSeconds',
        kind: 'assumed',
        note: 'seen in public updates of 2026-09-12 to 2026-09-23; follows from the wait before scoring',
      },
    ],
  },
  {
    id: '2026-07-01',
    extends: '2026-06-23',
    summary: 'the 1h prompt every 2 minutes',
    source: newHome('changelog'),
    effective: { promptFrom: onDay('2026-07-01') },
    promptProfiles: { high: { lanes: [{ assets: crypto, intervalMinutes: 2, offsetMinutes: null }] } },
  },
  {
    id: '2026-07-07',
    extends: '2026-07-01',
    aliases: ['v1.10.1'],
    summary:
      '50 s to answer the 1h prompt; every asset of 1h each 5 minutes, BTC 24h each 4, the others each 12; SPCX reweighted',
    source: newHome('changelog v1.10.1, live at 1 PM UTC; profile read in its code', '29365d0'),
    effective: { promptFrom: exactly('2026-07-07T13:00:00Z'), averageFrom: exactly('2026-07-07T13:00:00Z') },
    promptProfiles: {
      low: {
        lanes: [
          { assets: ['BTC'], intervalMinutes: 4, offsetMinutes: null },
          { assets: [...crypto.slice(1), ...othersJune], intervalMinutes: 1, offsetMinutes: null },
        ],
        thinning: { keeper: 'saltedHash' },
        retentionDays: 11,
      },
      high: {
        extraSeconds: 0,
        usualAnswerSeconds: 50,
        advisedAnswerSeconds: 20,
        lanes: [{ assets: crypto, intervalMinutes: 1, offsetMinutes: null }],
        thinning: { keeper: 'saltedHash' },
        retentionDays: 6,
      },
    },
    assetCoefficients: { byAsset: { SPCX: 0.4329342627683478 } },
  },
  {
    id: '2026-07-16',
    extends: '2026-07-07',
    aliases: ['v1.10.3'],
    summary: 'no p90 cap, misses filled with p95; 8 significant digits; BTC and HYPE of 1h every minute each',
    source: newHome('changelog v1.10.3', '6bbb152'),
    effective: {
      promptFrom: onDay('2026-07-16'),
      answerFrom: onDay('2026-07-16'),
      scoreFrom: onDay('2026-07-16'),
      averageFrom: onDay('2026-07-16'),
    },
    promptProfiles: {
      high: {
        lanes: [
          { assets: ['BTC'], intervalMinutes: 1, offsetMinutes: null },
          { assets: ['HYPE'], intervalMinutes: 1, offsetMinutes: null },
          { assets: ['ETH', 'SOL', 'XRP'], intervalMinutes: { min: 1, max: 5 / 3 }, offsetMinutes: null },
        ],
      },
    },
    answerRule: 'sigDigits8',
    answerOrder: 'shapesFirst',
    promptScore: { clip: { kind: 'none' }, fill: 'p95' },
    average: { percentileField: 'percentile95' },
    settles: splitFields,
    gaps: [
      {
        path: 'promptProfiles.high.lanes',
        kind: 'unknown',
        note: 'rates of ETH, SOL and XRP were not restated, and the minute offsets of the lanes were not published',
      },
      {
        path: 'average.percentileField',
        kind: 'unknown',
        note: 'how rows that only have a 90th percentile were read until they left the windows (2026-07-26) is not known',
      },
    ],
  },
  {
    id: '2026-07-23',
    extends: '2026-07-16',
    summary: 'prices from Binance and Hyperliquid; SPYX gives way to SP500; the owner no longer takes half',
    source: newHome('changelog, scheduled for 2026-07-23; SP500 scores were seen from about 2026-07-19', '3efa7ff'),
    effective: { promptFrom: feedChange, scoreFrom: feedChange, averageFrom: feedChange },
    competitions: { 'com-equ-24h': { assets: [...othersJune, 'SP500'] } },
    promptProfiles: {
      low: {
        assets: [...crypto, ...othersJuly],
        lanes: [
          { assets: ['BTC'], intervalMinutes: 4, offsetMinutes: null },
          { assets: [...crypto.slice(1), ...othersJuly], intervalMinutes: 1, offsetMinutes: null },
        ],
      },
    },
    priceSources: {
      BTC: binanceSpot('BTCUSDT'),
      ETH: binanceSpot('ETHUSDT'),
      SOL: binanceSpot('SOLUSDT'),
      XRP: binanceSpot('XRPUSDT'),
      HYPE: hyperliquidSpot('@107'),
      XAU: hyperliquidPerp('xyz:GOLD'),
      NVDAX: hyperliquidPerp('xyz:NVDA'),
      TSLAX: hyperliquidPerp('xyz:TSLA'),
      AAPLX: hyperliquidPerp('xyz:AAPL'),
      GOOGLX: hyperliquidPerp('xyz:GOOGL'),
      SP500: hyperliquidPerp('xyz:SP500'),
      SPCX: hyperliquidPerp('xyz:SPCX'),
      WTIOIL: hyperliquidPerp('xyz:CL'),
      SPYX: pythPro('Crypto.SPYX/USD', feedChange),
    },
    assetCoefficients: { byAsset: { SP500: 3.437935601155441 } },
    owner: 'none',
    gaps: [
      {
        path: 'promptProfiles',
        kind: 'assumed',
        note: 'intervals and settings newer than this were not published; the announced ones are carried on',
      },
      {
        path: 'competitions.com-equ-24h.assets',
        kind: 'assumed',
        note: 'SPYX stayed for the prompts still open at the switch; the day it left the list is not known',
      },
    ],
  },
]
