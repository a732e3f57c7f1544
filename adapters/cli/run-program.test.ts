import { expect, it } from 'vitest'
import { QuietExit } from '#core/base/cli/quiet-exit'
import { runProgram } from './run-program.ts'

async function run(...argv: string[]): Promise<{ exitCode: number; text: string; started: number }> {
  const lines: string[] = []
  let started = 0
  const write = (line: string): void => void lines.push(line)
  const exitCode = await runProgram({
    name: 'miner',
    description: 'a program',
    version: '1.2.3',
    argv,
    terminal: { write, warn: write, columns: undefined, hasColor: false },
    addCommands: (program) => {
      program.command('start', { isDefault: true }).action(() => {
        started += 1
      })
      program.command('no').action(() => {
        throw new QuietExit(1)
      })
      program.command('crash').action(() => {
        throw new Error('nobody expected this')
      })
    },
  })
  return { exitCode, text: lines.join('\n'), started }
}

it('runs the default command when none is named', async () => {
  expect(await run()).toMatchObject({ exitCode: 0, started: 1 })
})
it('names the nearest command for a misspelt one, though there is a default command', async () => {
  const { exitCode, text, started } = await run('strat')
  expect({ exitCode, started }).toEqual({ exitCode: 64, started: 0 })
  expect(text).toContain('There is no command "strat". Did you mean start?')
})
it('asks for the file of --config', async () => {
  const { exitCode, text } = await run('start', '--config')
  expect(exitCode).toBe(64)
  expect(text).toContain('--config needs the name of a file')
})
it('answers --help and --version with success', async () => {
  expect(await run('--version')).toMatchObject({ exitCode: 0, text: '1.2.3', started: 0 })
  expect((await run('--help')).text).toContain('Usage: miner')
})
it('ends with the code of a command that answers no, and adds nothing to what it said', async () => {
  expect(await run('no')).toEqual({ exitCode: 1, text: '', started: 0 })
})
it('shows the stack of a bug and ends with 70', async () => {
  const { exitCode, text } = await run('crash')
  expect(exitCode).toBe(70)
  expect(text).toMatch(/BUG: Error: nobody expected this\n\s+at /)
})
