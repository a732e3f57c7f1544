import { expect, it } from 'vitest'
import { loadConfig } from '#core/base/config/load-config'
import { DaemonConfig } from './config.ts'

it('refuses an empty host for the health page, which would mean every address', () => {
  const load = () => loadConfig({ schema: DaemonConfig, argv: ['--health.host', ''], env: {} })
  expect(load).toThrow('--health.host')
})

function loadAdmission(...argv: string[]) {
  return loadConfig({ schema: DaemonConfig, argv, env: {} }).config.admission
}

it.each([
  [['--admission.ipAllowListMode', 'fixed'], 'admission.ipAllowList is empty'],
  [['--admission.ipAllowList', '203.0.113.9,10.0.0.0/40'], '"10.0.0.0/40" is not an address'],
  [['--admission.ipAllowList', 'synth-2026-6'], 'Did you mean synth-2026-06?'],
  [['--admission.ipAllowList', 'validator.example'], 'Write 203.0.113.9'],
])('refuses an allow-list that would admit nobody or everybody: %j', (argv, sentence) => {
  expect(() => loadAdmission(...argv)).toThrow(sentence)
})

it('takes dates of the operator for the journal, and names the one that is none', () => {
  const load = (text: string) => loadConfig({ schema: DaemonConfig, argv: ['--journal.addedEvents', text], env: {} })
  const dates = ['2027-01-13 08:30 consumerPrices', '2027-02-01 10:00 my talk']
  expect(load(dates.join(',')).config.journal.addedEvents).toEqual(dates)
  expect(() => load(`${dates[0]},2027-02-30 08:30 consumerPrices`)).toThrow(
    '"2027-02-30 08:30 consumerPrices" is not a date',
  )
})

it('takes addresses, ranges and a preset as an allow-list', () => {
  const list = '203.0.113.9,203.0.113.0/24,2001:db8::/32,synth-2026-06'
  const admission = loadAdmission('--admission.ipAllowListMode', 'fixed', '--admission.ipAllowList', list)
  expect(admission.ipAllowList).toHaveLength(4)
})
