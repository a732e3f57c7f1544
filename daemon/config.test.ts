import { expect, it } from 'vitest'
import { loadConfig } from '#core/base/config/load-config'
import { DaemonConfig } from './config.ts'

it('refuses an empty host for the health page, which would mean every address', () => {
  const load = () => loadConfig({ schema: DaemonConfig, argv: ['--health.host', ''], env: {} })
  expect(load).toThrow('--health.host')
})
