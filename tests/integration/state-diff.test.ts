import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { minuteMs } from '#core/base/time/units'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { runTuner, splitLine } from '#tests/support/tuner-lab'
import { btcAt, madeCloses, VolatilityLab } from '#tests/support/volatility-lab'
import { StateDiffShape } from '#tuner/commands/state'

const startMs = Date.UTC(2026, 8, 20, 12)

/** A miner's folder with three days of minutes, its states stored. */
async function aMinersFolder() {
  const cwd = temporaryFolder()
  mkdirSync(join(cwd, 'data'))
  const lab = new VolatilityLab(startMs + 4_000, { path: join(cwd, 'data', 'miner.sqlite') })
  lab.write(btcAt(), startMs - 4_320 * minuteMs, madeCloses(21n, 4_320))
  await (await lab.start()).stop()
  const diff = async (line: string) =>
    runTuner(splitLine(`state diff --recorder.assets BTC ${line}`), { cwd, clock: lab.clock })
  return { lab, diff }
}

it('says that nothing differs, shows how far the newest minutes moved it, and changes nothing', async () => {
  const { lab, diff } = await aMinersFolder()
  const before = lab.db.prepare('select * from volatility_states').all()
  const { exitCode, lines } = await diff('--exit-code')
  expect({ exitCode, lines }).toEqual({ exitCode: 0, lines: ['3 parts: none differs by more than 1 %.'] })
  lab.write(btcAt(), startMs, [60_000])
  await lab.clock.advance(minuteMs)
  const { parts } = StateDiffShape.parse(JSON.parse((await diff('--json')).lines.join('\n')))
  expect(parts.map(({ part, verdict, difference }) => [part, verdict, difference])).toEqual([
    ['ewma', 'same', 0],
    ['high', 'same', 0],
    ['low', 'same', 0],
  ])
  expect(parts[0]?.movedSince).toBeGreaterThan(1)
  expect(lab.db.prepare('select * from volatility_states').all()).toEqual(before)
})

it('finds a state that is not what its minutes give, an asset that is new and one that is gone', async () => {
  const { lab, diff } = await aMinersFolder()
  const rows = lab.store.readAll().flatMap((row) => (row.isIntact ? [row] : []))
  const ewma = rows.find(({ part }) => part === 'ewma')!
  const { variance } = JSON.parse(ewma.text) as { variance: number }
  const wrong = { ...ewma, text: ewma.text.replace(/"variance":[^,]+/, `"variance":${variance * 1.03}`) }
  lab.store.save([wrong, { ...wrong, series: { ...wrong.series, asset: 'SPYX' } }])
  lab.db.exec(
    `update volatility_states set closes_taken = 1 where part = 'low'; delete from volatility_states where part = 'high'`,
  )
  const { exitCode, lines } = await diff('--exit-code')
  expect(exitCode).toBe(1)
  expect(lines.slice(1, 5).map((line) => line.split(/ +/).slice(0, 3))).toEqual([
    ['BTC', 'ewma', 'differs'],
    ['BTC', '24h', 'damaged'],
    ['BTC', '1h', 'new'],
    ['SPYX', 'ewma', 'removed'],
  ])
  expect(lines[1]).toContain('1.49 %')
  expect(lines.at(-1)).toBe('4 of 4 parts differ. The next start of the miner rebuilds damaged ones.')
  expect((await diff('')).exitCode).toBe(0)
})

it('ends with a sentence where there is no database, and makes none', async () => {
  const { exitCode, warnings } = await runTuner(['state', 'diff'], { cwd: temporaryFolder() })
  expect({ exitCode, said: warnings[0] }).toMatchObject({ exitCode: 65, said: expect.stringMatching(/no database/) })
})
