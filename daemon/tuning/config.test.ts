import { expect, it } from 'vitest'
import { loadConfig } from '#core/base/config/load-config'
import { DaemonConfig } from '../config.ts'
import { tunerJobs } from './config.ts'

it('lets the watch of the rules know the uids of our hotkeys, as they are at each run', () => {
  let uids: number[] = []
  const { tuning } = loadConfig({ schema: DaemonConfig, argv: [], env: {} }).config
  const shadow = tunerJobs(tuning, () => uids).find(({ name }) => name === 'shadow')!
  const watches = () => shadow.commands.filter(([, word]) => word === 'watch').map((words) => words.slice(2).join(' '))
  expect(watches()).toEqual([''])
  uids = [42, 7]
  expect(watches()).toEqual(['--uid 42', '--uid 7'])
  // The published weights are compared with the scores that have just been fetched.
  expect(shadow.commands.map(([, word]) => word)).toEqual(['fetch', 'watch', 'watch', 'verify'])
})
