import type { ExtendingDefinition } from '../definition.ts'
import { between, onDay } from '../instant.ts'
import { hourVolatilityBlocks } from './intervals.ts'
import { newHome } from './sources.ts'

const afterSpyx = ['XAU', 'NVDAX', 'GOOGLX', 'TSLAX', 'AAPLX', 'WTIOIL', 'SPCX', 'SP500']

/** From August 2026 on: the external competition, the outlier clip, the volatility term. */
export const autumn2026: readonly ExtendingDefinition[] = [
  {
    id: '2026-08-vhft',
    extends: '2026-07-23',
    summary: 'a fourth competition scored elsewhere is blended in where a validator names its address; beta -0.25',
    source: newHome('read in its code, which is later than 2026-08-24', '1989f4f', '443ba79'),
    effective: { averageFrom: between('2026-08-24T00:00:00Z', '2026-08-24T00:00:00Z', '2026-09-23T00:00:00Z') },
    competitions: { 'com-equ-24h': { assets: afterSpyx } },
    priceSources: { SPYX: 'remove' },
    assetCoefficients: { byAsset: { SPYX: 'remove' } },
    settles: ['average.percentileField'],
    external: {
      vhft: {
        label: 'VHFT 10s',
        assets: ['BTC'],
        timeLengthSeconds: 10,
        timeIncrementSeconds: 10,
        windowDays: 1,
        beta: -0.25,
        coefficient: { numerator: 1, denominator: 3 },
        minParticipants: null,
        maxParticipants: null,
        zeroScore: 'dropped',
        degenerate: 'keep',
        activation: 'validatorSetting',
      },
    },
    gaps: [
      {
        path: 'external.vhft.activation',
        kind: 'unknown',
        note: 'when a validator first named the address, and whether any does today, is not known',
      },
      {
        path: 'competitions.com-equ-24h.assets',
        kind: 'assumed',
        note: 'the texts of this time no longer name SPYX; the day it left the list is not known',
      },
    ],
  },
  {
    id: '2026-08-vhft-b2',
    extends: '2026-08-vhft',
    summary: 'beta of the external competition -0.25 to -2',
    source: newHome('read in its code, which is later than 2026-08-25'),
    effective: { averageFrom: between('2026-08-25T00:00:00Z', '2026-08-26T00:00:00Z', '2026-09-23T00:00:00Z') },
    external: { vhft: { beta: -2 } },
  },
  {
    id: '2026-09-cap',
    extends: '2026-08-vhft-b2',
    aliases: ['v1.12.0'],
    summary:
      'raw scores clipped at 10 medians, p95 over the unclipped ones; any total that is not finite counts as a miss',
    source: newHome('v1.12.0, pull request 321, before 323 which was opened on 2026-09-08', '3549cc5'),
    effective: { scoreFrom: between('2026-08-25T00:00:00Z', '2026-09-08T00:00:00Z', '2026-09-22T00:00:00Z') },
    promptScore: { clip: { kind: 'medianMultiple', multiple: 10 }, fill: 'p95Unclipped' },
    nonFinite: 'all',
    detailRows: 'totalsGapsFolded',
    gaps: [
      {
        path: 'detailRows',
        kind: 'assumed',
        note: 'the day since when the gap rows are folded into one is not known; no score depends on it',
      },
    ],
  },
  {
    id: '2026-09-vhft-b4',
    extends: '2026-09-cap',
    summary: 'beta of the external competition -2 to -4, for 3 to 64 participants; 0 is the winner',
    source: newHome('read in its code; no number of a text changes after 2026-09-22', '2cfb24b'),
    effective: { averageFrom: between('2026-08-25T00:00:00Z', '2026-09-22T00:00:00Z', '2026-09-23T00:00:00Z') },
    external: { vhft: { beta: -4, minParticipants: 3, maxParticipants: 64, zeroScore: 'winner', degenerate: 'skip' } },
  },
  {
    id: '2026-09-22',
    extends: '2026-09-vhft-b4',
    summary: 'the score of crypto 1h is price CRPS plus volatility CRPS, lambda 5.25',
    source: newHome('pull request 323; the date is from others who replay the scores', '2cfb24b'),
    effective: { scoreFrom: onDay('2026-09-22') },
    totalScore: 'pricePlusVol',
    competitions: { 'crypto-1h': { volatilityBlocks: hourVolatilityBlocks } },
  },
]
