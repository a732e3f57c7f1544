import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { readMinuteFile } from '#adapters/minute-files/read-minute-file'
import { openDatabase } from '#adapters/sqlite/database'
import { SqliteMinuteStore } from '#adapters/sqlite/minute-store'
import { minuteMs } from '#core/base/time/units'
import { hasShared, sharedPath, skippedWithoutShared } from '#tests/support/shared-files'
import { temporaryFolder } from '#tests/support/temporary-folder'

const files = hasShared ? readdirSync(sharedPath('market')).filter((name) => name.endsWith('.csv.gz')) : []
const isMinutes = (name: string) => !/_\d+m[.]csv[.]gz$/.test(name)

describe.skipIf(!hasShared)(`real minutes${skippedWithoutShared}`, () => {
  it.each(files.filter(isMinutes))('stores every close of %s bit for bit', async (name) => {
    const migrationsDir = join(import.meta.dirname, '..', '..', 'migrations')
    const db = openDatabase({ path: join(temporaryFolder(), 'db.sqlite'), migrationsDir, clock: systemClock })
    onTestFinished(() => void db.close())
    const store = new SqliteMinuteStore(db, systemClock)
    const series = { asset: name.split('.')[0]!, venue: 'files', symbol: 'x' } as const
    const batch = await readMinuteFile(sharedPath('market', name))
    store.write([{ series, batch, origin: 'imported', detail: name }])
    // Read a second time in the plainest way there is.
    const lines = gunzipSync(readFileSync(sharedPath('market', name)))
      .toString()
      .trimEnd()
      .split('\n')
      .slice(1)
    const slots = store.readSlots(series, batch.firstMs, batch.lastMs)
    let same = 0
    for (const line of lines) {
      const [ts, close] = line.split(',')
      if (slots[(Number(ts) * 1_000 - batch.firstMs) / minuteMs] === Number(close)) same += 1
    }
    expect([same, slots.filter((slot) => slot !== 0).length]).toEqual([lines.length, lines.length])
  })
  it.each(files.filter((name) => !isMinutes(name)))(
    'refuses %s: not minutes, though it has the same columns',
    async (name) => {
      await expect(readMinuteFile(sharedPath('market', name))).rejects.toThrow(
        /multiple of (3|5|15) minutes apart: these are not one-minute candles/,
      )
    },
  )
})
