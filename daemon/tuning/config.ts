import { validate } from 'node-cron'
import { z } from 'zod'
import { filePath, ms } from '#core/base/config/fields'
import type { TunerJob } from './tuner-jobs.ts'

const cron = () =>
  z.string().refine((text) => text === 'off' || validate(text), 'It is neither a cron expression nor "off"')

export const tuningConfigFields = {
  tuning: z
    .strictObject({
      enabled: z.boolean().default(true).describe('Run the commands of the tuner from the daemon'),
      replay: cron().default('17 * * * *').describe('When to score what was served (cron, UTC; "off": never)'),
      diagnose: cron().default('37 3 * * *').describe('When to write the diagnosis page'),
      suggest: cron().default('7 4 * * *').describe('When to look for changes that may be worth a proposal'),
      observe: cron().default('52 4 * * *').describe('When to check changes under observation (docs/governance.md)'),
      shadow: cron()
        .default('27 */6 * * *')
        .describe("When to fetch the field's scores, and check the rules and the published weights"),
      repair: cron().default('47 */3 * * *').describe('When to fetch minutes that are missing'),
      reportFile: filePath().default('data/reports/diagnosis.html').describe('Where the diagnosis page is written'),
      timeoutMs: ms().default(3_600_000).describe('Longest run of one command'),
      catchUpDelayMs: ms().default(120_000).describe('Wait after the start before missed runs are made up'),
    })
    .prefault({}),
}

const TuningConfig = z.strictObject(tuningConfigFields)

export type TuningConfig = z.output<typeof TuningConfig>['tuning']

/** The commands, in the order in which missed runs are made up. */
export function tunerJobs(config: TuningConfig, ownUids: () => readonly number[]): TunerJob[] {
  if (!config.enabled) return []
  const jobs: TunerJob[] = [
    { name: 'repair', cron: config.repair, commands: [['minutes', 'backfill', '--days', '3']] },
    {
      name: 'replay',
      cron: config.replay,
      commands: [
        ['replay', '--days', '7'],
        ['replay', '--days', '7', '--model', 'seed'],
      ],
    },
    {
      name: 'shadow',
      cron: config.shadow,
      // At each run: a hotkey may have another uid by then, or none yet.
      get commands() {
        const uids = ownUids()
        const watched = uids.length === 0 ? [[]] : uids.map((uid) => ['--uid', String(uid)])
        return [
          ['shadow', 'fetch', '--days', '12'],
          ...watched.map((words) => ['shadow', 'watch', ...words]),
          ['shadow', 'verify', '--days', '1'],
        ]
      },
    },
    { name: 'diagnose', cron: config.diagnose, commands: [['diagnose', '--days', '30', '--html', config.reportFile]] },
    { name: 'observe', cron: config.observe, commands: [['observe']] },
    { name: 'suggest', cron: config.suggest, commands: [['suggest', '--json']] },
  ]
  return jobs.filter((job) => job.cron !== 'off')
}
