import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { SqliteMetagraphStore } from '#adapters/sqlite/metagraph-store'
import type { Logger } from '#core/base/log/logger'
import { aClient, aFullSubnet, alice, aNode, publicEndpoint } from '#tests/support/chain-fixtures'
import { runsLong } from '#tests/support/long-tests'
import type { MockNode } from '#tests/support/mock-node/mock-node'
import { openTestDatabase } from '#tests/support/test-database'
import { waitUntil } from '#tests/support/wait-until'

/** VOLCAST_LONG_TESTS=1 runs the whole day of the catalogue. */
const hours = runsLong ? 24 : 4
const blocksPerHour = 300
const blocksPerRefresh = 5

const silent: Logger = {
  fatal: () => {},
  error: () => {},
  warn: () => {},
  info: () => {},
  debug: () => {},
  child: () => silent,
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

function heapMb(): number {
  collectGarbage()
  collectGarbage()
  return process.memoryUsage().heapUsed / 2 ** 20
}

describe(`${hours} hours of blocks, in a hurry`, () => {
  it('leave no growth behind', { timeout: runsLong ? 1_800_000 : 180_000 }, async () => {
    const node = await aNode({ neurons: aFullSubnet() })
    const { client } = aClient([node], {}, { log: silent, store: new SqliteMetagraphStore(openTestDatabase()) })
    await client.start()
    await client.ensureServed(alice.address, publicEndpoint)
    const heaps: number[] = []
    for (let hour = 1; hour <= hours; hour += 1) {
      // Once an hour the node is lost and found again, as nodes are. The library keeps what it had for some seconds.
      node.server.closeConnections()
      await waitUntil(() => client.status().connection.state !== 'connected')
      while (!(await client.refresh()).ok) await nextTurn()
      for (let block = 1; block <= blocksPerHour; block += 1) {
        await oneBlock(node)
        if (block % blocksPerRefresh === 0) expect((await client.refresh()).ok).toBe(true)
      }
      heaps.push(heapMb())
    }
    console.info(`heap after each hour, MB: ${heaps.map((heap) => heap.toFixed(2)).join(' ')}`)
    expect(slope(heaps.slice(1))).toBeLessThan(1)
    expect(client.current()?.neurons).toHaveLength(256)
    expect(node.pool.acceptedCount).toBe(1)
    await client.stop()
  })
})

/** Makes a block and waits until the client has asked what it wants to know of it. */
async function oneBlock(node: MockNode): Promise<void> {
  const before = node.server.requestCount
  node.produceBlock()
  await waitUntil(() => node.server.requestCount >= before + 2)
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Least squares, per step. */
function slope(values: readonly number[]): number {
  const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length
  const at = values.map((_, i) => i)
  const [atMean, valueMean] = [mean(at), mean(values)]
  const covariance = mean(values.map((value, i) => (i - atMean) * (value - valueMean)))
  return covariance / mean(at.map((i) => (i - atMean) ** 2))
}
