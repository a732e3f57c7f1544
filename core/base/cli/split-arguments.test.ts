import { expect, it } from 'vitest'
import { splitArguments } from './split-arguments.ts'

it('tells settings from the command and its options', () => {
  expect(
    splitArguments(['start', '--axon.port', '9000', '--json', '--db.path=x.sqlite', '--config', 'a.yaml']),
  ).toEqual({
    settings: ['--axon.port', '9000', '--db.path=x.sqlite'],
    configFile: 'a.yaml',
    words: ['start', '--json'],
  })
})
it.each([[['--config']], [['--config=']], [['--config', '--json']]])('asks for the file in %j', (argv) => {
  expect(() => splitArguments(argv)).toThrow('--config needs the name of a file')
})
it('leaves a command with dots in its values alone', () => {
  expect(splitArguments(['propose', 'BTC', 'lambda', '0.93']).words).toEqual(['propose', 'BTC', 'lambda', '0.93'])
})
