import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { personAt } from './ask-person.ts'

function streams(stdinIsTTY: boolean, stdoutIsTTY: boolean) {
  const stdin = Object.assign(new PassThrough(), { isTTY: stdinIsTTY })
  const stderr = new PassThrough()
  return { stdin, stdout: { isTTY: stdoutIsTTY }, stderr }
}

it('asks one question after the other, and gives the lines that were typed', async () => {
  const terminal = streams(true, true)
  const ask = personAt(terminal)!
  const first = ask('Reason: ')
  terminal.stdin.write('too wide\r')
  expect(await first).toBe('too wide')
  const second = ask('Sure? ')
  terminal.stdin.write('\r')
  expect(await second).toBe('')
  expect(String(terminal.stderr.read())).toContain('Reason: ')
})
it('takes the end of input, and Ctrl-C, for no answer', async () => {
  for (const key of ['\u0004', '\u0003']) {
    const terminal = streams(true, true)
    const answer = personAt(terminal)!('Reason: ')
    terminal.stdin.write(key)
    expect(await answer).toBeUndefined()
  }
})
it('has nobody to ask where input or output is no terminal', () => {
  expect([personAt(streams(false, true)), personAt(streams(true, false))]).toEqual([undefined, undefined])
})
