import type { MinuteListener } from './minute-recorder.ts'
import { type JobDeps, SupervisedJob } from './supervised-job.ts'

/** After the full minute, and after another program's recorder has probably written. */
const everyMinute = '10 * * * * *'

/** Without a recorder of our own the states look into the minute store by themselves. */
export function volatilityRefreshJob(
  deps: JobDeps & { readonly states: Pick<MinuteListener, 'roundDone'> },
): SupervisedJob {
  const { states } = deps
  return new SupervisedJob(deps, { name: 'volatility-refresh', cron: everyMinute, jitterMs: 0 }, async () => {
    states.roundDone()
    return true
  })
}
