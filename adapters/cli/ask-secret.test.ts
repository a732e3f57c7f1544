import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { askSecret } from './ask-secret.ts'

function aTerminal(isTTY: boolean) {
  const stdin = Object.assign(new PassThrough(), { isTTY })
  const stderr = new PassThrough()
  return { stdin, stderr, shown: () => String(stderr.read() ?? '') }
}

it('asks, and shows nothing of the answer', async () => {
  const { stdin, stderr, shown } = aTerminal(true)
  const answer = askSecret({ stdin, stderr }, 'Password: ')
  stdin.write('hunter2\r')
  expect(await answer).toBe('hunter2')
  expect(shown()).toBe('Password: \n')
})
it('takes the end of input for no answer', async () => {
  const { stdin, stderr } = aTerminal(true)
  const answer = askSecret({ stdin, stderr }, 'Password: ')
  stdin.write('\u0004')
  expect(await answer).toBeUndefined()
})
it('asks nobody where there is no terminal', async () => {
  const { stdin, stderr, shown } = aTerminal(false)
  expect(await askSecret({ stdin, stderr }, 'Password: ')).toBeUndefined()
  expect(shown()).toBe('')
})
