import { describe, expect, it } from 'vitest'
import { TestClock } from '#tests/support/test-clock'
import { TestLogger } from '#tests/support/test-logger'
import { ShutdownStack } from './shutdown-stack.ts'

function aStack() {
  const log = new TestLogger()
  const clock = new TestClock()
  const stopped: string[] = []
  const part = (name: string) => ({ stop: () => void stopped.push(name) })
  return { stack: new ShutdownStack({ log, clock }, { stepDeadlineMs: 1_000 }), log, clock, stopped, part }
}

describe('ShutdownStack', () => {
  it('stops in the reverse order of starting, and only once', async () => {
    const { stack, stopped, part } = aStack()
    await stack.use('first', part('first'))
    await stack.use('second', Promise.resolve(part('second')))
    await Promise.all([stack.stop(), stack.stop()])
    expect(stopped).toEqual(['second', 'first'])
  })
  it('unwinds what had started when a later part fails to start', async () => {
    const { stack, stopped, part } = aStack()
    await stack.use('first', part('first'))
    await expect(stack.use('second', Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(stopped).toEqual(['first'])
  })
  it('passes a part that does not stop in time, and says so', async () => {
    const { stack, log, clock, stopped, part } = aStack()
    await stack.use('first', part('first'))
    await stack.use('stuck', { stop: () => new Promise<void>(() => undefined) })
    const done = stack.stop()
    await clock.advance(1_000)
    await done
    expect(stopped).toEqual(['first'])
    expect(log.entries).toMatchObject([{ level: 'warn', event: 'stop.overran', step: 'stuck' }])
  })
  it('continues when a part throws while stopping', async () => {
    const { stack, log, stopped, part } = aStack()
    await stack.use('first', part('first'))
    await stack.use('broken', {
      stop: () => {
        throw new Error('broken')
      },
    })
    await stack.stop()
    expect(stopped).toEqual(['first'])
    expect(log.events()).toEqual(['stop.failed'])
  })
})
