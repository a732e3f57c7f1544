import { describe, expect, it } from 'vitest'
import { humanLine } from './human-line.ts'

const line = {
  level: 'warn',
  time: '2026-11-30T20:07:41.253Z',
  program: 'miner',
  component: 'prices',
  event: 'venue.failed',
  venue: 'binanceSpot',
  failuresInRow: 1,
  detail: 'no answer',
  msg: 'A venue does not answer',
}

describe('a line for a person', () => {
  it('has time, level, sentence, event and fields, and colours only where they are wanted', () => {
    expect(humanLine(JSON.stringify(line), false)).toBe(
      '20:07:41 warn  A venue does not answer  venue.failed venue=binanceSpot failuresInRow=1 detail="no answer"\n',
    )
    expect(humanLine(JSON.stringify(line), true)).toContain('\u001b[33mwarn \u001b[0m A venue')
  })
  it('ends with the stack of an error', () => {
    const failed = { ...line, err: { message: 'boom', stack: 'Error: boom\n    at here' } }
    expect(humanLine(JSON.stringify(failed), false).split('\n').slice(1)).toEqual([
      '  Error: boom',
      '      at here',
      '',
    ])
  })
  it('leaves what is no line of the log as it is', () => {
    expect(humanLine('half a li', true)).toBe('half a li')
  })
})
