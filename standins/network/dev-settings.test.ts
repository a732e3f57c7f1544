import { expect, it } from 'vitest'
import { devSettings } from './dev-settings.ts'

const place = { marketUrl: 'http://127.0.0.1:8095', databasePath: 'thrown-away.sqlite', axonPort: 0, healthPort: 0 }

it('listens on loopback and uses the given database path, unless the command line says otherwise', () => {
  const { config } = devSettings(place)
  expect([config.db.path, config.axon.host, config.journal.sampling]).toEqual([
    'thrown-away.sqlite',
    '127.0.0.1',
    'sampled',
  ])
  const told = devSettings(place, ['--db.path', 'kept.sqlite', '--journal.sampling=all']).config
  expect([told.db.path, told.journal.sampling, told.market.binance.baseUrl]).toEqual([
    'kept.sqlite',
    'all',
    'http://127.0.0.1:8095/binance',
  ])
})

it('does not run the tuner by itself: its processes live in real time, the market may not', () => {
  expect(devSettings(place).config.tuning.enabled).toBe(false)
  expect(devSettings(place, ['--tuning.enabled=true']).config.tuning.enabled).toBe(true)
})
