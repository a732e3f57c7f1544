import { expect, it } from 'vitest'
import { refuse } from '#core/bittensor/admission/refusals'
import { refusePrompt } from '#core/synth/prompts/synth-refusals'
import { TestClock } from '#tests/support/test-clock'
import { TestLogger } from '#tests/support/test-logger'
import { LogLimit } from './log-limit.ts'
import { AxonCounters } from './metrics.ts'
import { RefusalLog } from './refusal-log.ts'

it('writes one line for each refusal, and under a flood says how many it left out', async () => {
  const clock = new TestClock()
  const log = new TestLogger()
  const counters = new AxonCounters()
  const refusals = new RefusalLog({ log, limit: new LogLimit(clock), metrics: counters })
  const request = { receiver: 'ours', peerIp: '203.0.113.9' }
  for (let i = 0; i < 1_000; i += 1) refusals.note(refuse('sig_missing').refusal, request)
  refusals.note(refusePrompt('bad_param', 'time_length').refusal, request)
  expect(log.entries).toHaveLength(21)
  expect(log.entries.at(-1)).toMatchObject({
    event: 'request.refused',
    code: 'bad_param',
    status: 400,
    field: 'time_length',
    peerIp: '203.0.113.9',
  })
  expect(counters.refusals).toEqual(
    new Map([
      ['sig_missing', 1_000],
      ['bad_param', 1],
    ]),
  )
  await clock.advance(10_000)
  refusals.note(refuse('sig_missing').refusal, request)
  expect(log.entries.at(-1)).toMatchObject({ code: 'sig_missing', suppressed: 980 })
})
