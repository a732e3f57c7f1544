import { expect, it } from 'vitest'
import type { AnswerTextMaker } from '#core/forecast/ladder/answer-text-maker'
import { TestClock } from '#tests/support/test-clock'
import { TestLogger } from '#tests/support/test-logger'
import { createSynthModule } from './synth-module.ts'

it('makes one answer for equal prompts to one hotkey, and another one for another hotkey', async () => {
  const clock = new TestClock()
  const asked: (string | undefined)[] = []
  const texts: AnswerTextMaker = {
    makeAnswerText: async (_, receiver) => {
      asked.push(receiver)
      return { ok: true, outputJson: Buffer.from(`"paths for ${receiver}"`) }
    },
  }
  const rules = { netuid: 50, answerCacheBytes: 1e6, answerCacheMs: 60_000, computeTimeoutMs: 1_000 }
  const limits = { assets: new Set(['BTC']), maxPaths: 1_000, maxPoints: 1_000_000 }
  const module = createSynthModule({ clock, log: new TestLogger(), texts }, { ...rules, ...limits } as never)
  const startTime = new Date(clock.nowMs() + 60_000).toISOString()
  const prompt = { asset: 'BTC', start_time: startTime, time_increment: 300, time_length: 86_400, num_simulations: 100 }
  const answer = async (receiver: string): Promise<string> => {
    const job = module.synapses[0]!.read({ simulation_input: prompt }, clock.nowMs())
    if (!job.ok) throw new Error(JSON.stringify(job))
    const made = await job.value.run(receiver)
    if (!made.ok) throw new Error(JSON.stringify(made))
    return String(await made.value.identity())
  }
  const [first, again, other] = await Promise.all([answer('5One'), answer('5One'), answer('5Two')])
  expect(asked).toEqual(['5One', '5Two'])
  expect(again).toBe(first)
  expect(first).toContain('paths for 5One')
  expect(other).toContain('paths for 5Two')
})
