import { expect, it } from 'vitest'
import { runMiner } from '#tests/support/demo-run'
import { runProgram } from '#tests/support/programs'
import { temporaryFolder } from '#tests/support/temporary-folder'

it('leaves its database where it was told to, and the tuner scores what was served without asking any venue', async () => {
  const cwd = temporaryFolder()
  const demo = runMiner(['dev', 'demo', '--minutes', '0.4', '--keep', 'kept'], cwd)
  expect(await demo.exit, demo.said()).toBe(0)
  const [, line] = /npx tuner (replay --config kept[/]volcast.yaml --from [0-9-]+)/.exec(demo.said())!
  const replayed = runProgram('tuner', [...line!.split(' '), '--json'], { cwd })
  expect(replayed.exitCode, replayed.stderr).toBe(0)
  const { replays } = JSON.parse(replayed.stdout) as { replays: { listed: number; scored: number }[] }
  expect(replays[0]!.scored).toBe(replays[0]!.listed)
  expect(replays[0]!.scored).toBeGreaterThanOrEqual(13)
  expect(await runMiner(['dev', 'demo', '--keep', 'kept'], cwd).exit).toBe(64)
}, 240_000)
