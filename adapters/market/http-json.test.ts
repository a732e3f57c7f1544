import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startScriptedServer } from '#tests/support/scripted-server'
import { requestJson, urlUnder } from './http-json.ts'

const limits = { deadlineMs: 2_000, maxAnswerBytes: 1_000 }

async function answer(status: number, headers: Record<string, string>, body = '{}') {
  const server = await startScriptedServer(() => ({ status, headers, body }))
  return requestJson({ url: new URL(server.url) }, limits)
}

describe('requestJson', () => {
  it('reads JSON and when it was served', async () => {
    const read = await answer(200, { date: 'Tue, 22 Sep 2026 12:00:10 GMT', age: '4' }, '{"a":[1]}')
    expect(read).toEqual({ ok: true, value: { a: [1] }, servedAtMs: Date.UTC(2026, 8, 22, 12, 0, 6) })
  })

  it('posts a body as JSON', async () => {
    const server = await startScriptedServer(({ method, body }) => ({ body: JSON.stringify({ method, body }) }))
    const read = await requestJson({ url: new URL(server.url), body: { type: 'allMids' } }, limits)
    expect(read).toMatchObject({ value: { method: 'POST', body: '{"type":"allMids"}' } })
  })

  it.each([
    ['7', 7_000],
    ['0', 0],
    ['86400', 60_000],
    ['Tue, 22 Sep 2026 12:00:30 GMT', 20_000],
    ['Tue, 22 Sep 2026 11:00:00 GMT', 0],
    ['soon', undefined],
    ['-5', undefined],
  ])('understands Retry-After %s', async (text, retryAfterMs) => {
    const refused = await answer(429, { date: 'Tue, 22 Sep 2026 12:00:10 GMT', 'retry-after': text })
    expect(refused).toMatchObject({ ok: false, reason: 'rateLimited', status: 429 })
    expect(refused.ok ? undefined : refused.retryAfterMs).toBe(retryAfterMs)
  })

  it.each([
    [400, 'rejected'],
    [401, 'unauthorized'],
    [403, 'unauthorized'],
    [404, 'rejected'],
    [418, 'rateLimited'],
    [429, 'rateLimited'],
    [451, 'geoBlocked'],
    [500, 'serverError'],
    [599, 'serverError'],
    [301, 'redirected'],
    [307, 'redirected'],
  ])('calls HTTP %i %s', async (status, reason) => {
    expect(await answer(status, {}, '{"msg":"why"}')).toMatchObject({ ok: false, reason, status })
  })

  it('says what a refusing server said, without control characters', async () => {
    const refused = await answer(400, {}, '{"msg":"no\u0007\nsuch\u001b[31m symbol"}')
    expect(refused).toMatchObject({ message: expect.stringContaining('such [31m symbol') })
  })

  it('counts an answer as it is after decompression: a small bomb is too large', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000, '0'))
    expect(bomb.length).toBeLessThan(60_000)
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' })
      response.end(bomb)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    const before = process.memoryUsage().arrayBuffers
    const refused = await requestJson({ url }, { deadlineMs: 5_000, maxAnswerBytes: 1_000_000 })
    expect(refused).toMatchObject({ ok: false, reason: 'tooLarge' })
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000)
  })

  it.each([
    [1_000, true],
    [1_001, false],
  ])('takes an answer of %i bytes: %s', async (size, isTaken) => {
    const read = await answer(200, {}, `"${'x'.repeat(size - 2)}"`)
    expect(read.ok).toBe(isTaken)
  })

  it('ends when the caller has given up, before and during', async () => {
    const silent = await startScriptedServer(() => undefined)
    const stop = new AbortController()
    const asking = requestJson({ url: new URL(silent.url) }, limits, stop.signal)
    stop.abort()
    expect(await asking).toMatchObject({ ok: false, reason: 'cancelled' })
    expect(await requestJson({ url: new URL(silent.url) }, limits, stop.signal)).toMatchObject({ reason: 'cancelled' })
  })

  it('leaves no listener behind', async () => {
    const stop = new AbortController()
    let listeners = 0
    const { signal } = stop
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = ((...args: Parameters<typeof add>) => {
      listeners += 1
      add(...args)
    }) as typeof signal.addEventListener
    signal.removeEventListener = ((...args: Parameters<typeof remove>) => {
      listeners -= 1
      remove(...args)
    }) as typeof signal.removeEventListener
    const server = await startScriptedServer(() => ({ body: '{}' }))
    for (let i = 0; i < 20; i += 1) await requestJson({ url: new URL(server.url) }, limits, signal)
    expect(listeners).toBe(0)
  })
})

it('urlUnder keeps the path of a base address, and what is asked for stays a parameter', () => {
  expect(urlUnder('http://h/binance', 'api/v3/klines', { symbol: 'A&B=C' }).href).toBe(
    'http://h/binance/api/v3/klines?symbol=A%26B%3DC',
  )
  expect(urlUnder('http://h/', 'info').href).toBe('http://h/info')
})
