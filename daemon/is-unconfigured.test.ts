import { expect, it } from 'vitest'
import { loadConfig } from '#core/base/config/load-config'
import { DaemonConfig } from './config.ts'
import { isUnconfigured } from './is-unconfigured.ts'

function unconfigured(given: { argv?: string[]; env?: Record<string, string>; file?: object }): boolean {
  const { argv = [], env = {}, file } = given
  const loaded = loadConfig({
    schema: DaemonConfig,
    argv,
    env,
    file: file === undefined ? undefined : { name: 'volcast.yaml', values: file },
  })
  return isUnconfigured(loaded, { hasFile: file !== undefined, env, homeFolder: '/nowhere' })
}

it('is unconfigured without any setting', () => {
  expect(unconfigured({})).toBe(true)
  expect(unconfigured({ env: { PATH: '/bin', VOLCAST_CONFIG: '' } })).toBe(true)
})

it.each([
  ['a flag', { argv: ['--health.port', '9000'] }],
  ['a variable of ours', { env: { VOLCAST_LOG_LEVEL: 'warn' } }],
  ['a wallet named to the Bittensor tools', { env: { BT_WALLET_NAME: 'miner' } }],
  ['a file, even an empty one', { file: {} }],
])('is configured by %s', (_, given) => {
  expect(unconfigured(given)).toBe(false)
})
