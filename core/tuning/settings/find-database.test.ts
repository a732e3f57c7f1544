import { describe, expect, it } from 'vitest'
import { type DatabasePlaces, findDatabase, type RunningMiner } from './find-database.ts'

const here = '/here/data/miner.sqlite'
const checkout = '/checkout/data/miner.sqlite'

function places(there: readonly string[], change: Partial<DatabasePlaces> = {}): DatabasePlaces {
  return {
    configured: here,
    source: 'default',
    configFile: undefined,
    checkout,
    exists: (path) => there.includes(path),
    runningMiners: () => [],
    ...change,
  }
}
const miner = (databasePath: string): RunningMiner => ({ pid: 7, databasePath })

describe('the database of a command', () => {
  it('is the one of this folder, whatever else there is', () => {
    const all = places([here, checkout], { runningMiners: () => [miner('/elsewhere')] })
    expect(findDatabase(all, false)).toEqual({ path: here, note: undefined })
  })
  it('else the one of the running miner, else the one of the checkout, and it says so', () => {
    const running = places([checkout], { runningMiners: () => [miner('/run/miner.sqlite')] })
    const found = findDatabase(running, false)
    expect(found).toEqual({ path: '/run/miner.sqlite', note: expect.stringContaining('of the running miner (7)') })
    expect(findDatabase(places([checkout]), false)).toEqual({ path: checkout, note: expect.stringContaining(checkout) })
  })
  it('is never another one than the named one', () => {
    const flag = places([checkout], { source: 'flag', runningMiners: () => [miner('/run')] })
    expect(() => findDatabase(flag, false)).toThrow(
      'There is no database /here/data/miner.sqlite, which --db.path names',
    )
    const file = places([], { source: 'file', configFile: 'volcast.yaml' })
    expect(() => findDatabase(file, false)).toThrow('db.path in volcast.yaml')
    expect(() => findDatabase(places([], { source: 'environment' }), false)).toThrow('VOLCAST_DB_PATH')
  })
  it('is made only by a command with data of its own, and only under a name that somebody gave', () => {
    expect(findDatabase(places([], { source: 'flag' }), true).path).toBe(here)
    expect(() => findDatabase(places([]), true)).toThrow('no miner runs on this computer')
  })
  it('is that of the checkout when its miner is one of several', () => {
    const several = places([checkout], { runningMiners: () => [miner('/a'), miner(checkout)] })
    expect(findDatabase(several, false).path).toBe(checkout)
  })
  it('has to be chosen when several miners run', () => {
    const two = places([checkout], { runningMiners: () => [miner('/a'), miner('/b')] })
    expect(() => findDatabase(two, false)).toThrow('several miners run')
  })
})
