import { expect, it } from 'vitest'
import { HealthBoard } from '#core/base/health/health-board'
import { buildHealthServer } from './health-server.ts'

const board = new HealthBoard()
const server = buildHealthServer({ board, version: '1' })
const ask = async (url: string) => {
  const { statusCode, body } = await server.inject({ url })
  return { statusCode, body }
}

it('has one word for a machine at /healthz: 200 while it can answer, 503 while it cannot', async () => {
  expect(await ask('/healthz')).toEqual({ statusCode: 503, body: 'starting\n' })
  board.enter('running')
  expect(await ask('/healthz')).toEqual({ statusCode: 200, body: 'ready\n' })
  board.set('axon', { state: 'failed', sentence: 'The port is taken.' })
  expect(await ask('/healthz')).toEqual({ statusCode: 503, body: 'degraded\n' })
  expect((await ask('/health')).statusCode).toBe(503)
})

it('shows the figures of a part, instants as such', async () => {
  board.set('forecasts', {
    state: 'ok',
    sentence: 'Fine.',
    table: { 'BTC 24h': { lastMadeAtMs: Date.UTC(2026, 8, 20, 12), answers: 7, atDailyCap: 2 } },
  })
  const { body } = await ask('/')
  expect(body).toContain('<td>BTC 24h</td><td>2026-09-20T12:00:00Z</td><td>7</td><td>2</td>')
  expect(body).toContain('<th>at the daily cap</th>')
})
