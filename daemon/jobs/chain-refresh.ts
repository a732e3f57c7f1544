import type { Chain } from '#core/bittensor/chain/chain-port'
import { type JobDeps, SupervisedJob } from './supervised-job.ts'

/** Reads registrations, metagraph and announcements repeatedly. The chain itself logs its failures. */
export function chainRefreshJob(
  deps: JobDeps & { readonly chain: Pick<Chain, 'refresh'> },
  options: { cron: string; jitterMs: number },
): SupervisedJob {
  const { chain } = deps
  return new SupervisedJob(deps, { ...options, name: 'chain-refresh' }, async () => (await chain.refresh()).ok)
}
