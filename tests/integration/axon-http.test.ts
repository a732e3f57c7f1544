import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { axonFixture, buildFixtureAxon } from '#tests/support/axon-fixture'
import { bytesRead, honestBody, honestHeaders, startLiveAxon, startWatchedAxon } from '#tests/support/live-axon'
import { codeOf, RawConnection, requestText } from '#tests/support/raw-http'
import { waitUntil } from '#tests/support/wait-until'

async function exchange(port: number, text: string | Buffer) {
  const connection = await RawConnection.open(port)
  connection.write(text)
  const answer = await connection.next()
  connection.destroy()
  return { status: answer?.status, code: codeOf(answer), answer }
}

const unsigned = () => {
  const { bt_header_dendrite_signature: _signature, ...headers } = honestHeaders()
  return headers
}

describe('the body of a request that is refused', () => {
  it('is not read: of 50 MB at most one socket buffer leaves the kernel', async () => {
    const axon = await startWatchedAxon()
    const connection = await RawConnection.open(axon.port)
    const head = requestText({ ...unsigned(), 'content-length': '50000' }, '', { withLength: false })
    connection.write(head)
    const first = await connection.next()
    expect([first?.status, codeOf(first)]).toEqual([401, 'sig_missing'])
    expect(first?.headers.get('connection')).toBe('close')
    const before = bytesRead(axon)
    expect(before).toBe(head.length)
    for (let i = 0; i < 50; i += 1) connection.write(Buffer.alloc(1_000_000))
    await connection.closed
    expect(bytesRead(axon)).toBe(before)
  })

  it('is not invited when the client asks first', async () => {
    const { port } = await startWatchedAxon()
    const refused = await exchange(port, requestText({ ...unsigned(), expect: '100-continue' }, '', {}))
    expect(refused.status).toBe(401)
    const connection = await RawConnection.open(port)
    const body = honestBody()
    connection.write(
      requestText({ ...honestHeaders(), expect: '100-continue', 'content-length': String(body.length) }, '', {
        withLength: false,
      }),
    )
    expect((await connection.next())?.status).toBe(100)
    connection.write(body)
    expect((await connection.next())?.status).toBe(200)
    connection.destroy()
  })

  it('refuses an expectation that it cannot meet: the refusal is sent, logged and counted', async () => {
    const { port, fixture } = await startWatchedAxon()
    const head = { ...honestHeaders(), expect: '200-ok', 'content-length': '20' }
    const refused = await exchange(port, requestText(head, '', { withLength: false }))
    expect([refused.status, refused.code]).toEqual([417, 'expectation_failed'])
    expect(refused.answer?.headers.get('connection')).toBe('close')
    expect(JSON.parse(refused.answer?.body ?? '')).toEqual({
      message: 'The only expectation met here is 100-continue.',
      code: 'expectation_failed',
    })
    expect(fixture.log.entries.at(-1)).toMatchObject({ event: 'request.refused', code: 'expectation_failed' })
    expect(fixture.counters.refusals).toEqual(new Map([['expectation_failed', 1]]))
    expect(fixture.texts.asked).toEqual([])
  })

  it('leaves the connection usable when it is as small as a real one', async () => {
    const { port } = await startWatchedAxon()
    const connection = await RawConnection.open(port)
    for (let i = 0; i < 5; i += 1) {
      connection.write(requestText(unsigned(), honestBody()))
      expect(codeOf(await connection.next())).toBe('sig_missing')
    }
    connection.write(requestText(honestHeaders(), honestBody()))
    expect((await connection.next())?.status).toBe(200)
    connection.destroy()
  })
})

describe('large bodies', () => {
  it('refuses a declared 100 MB at once', async () => {
    const { port } = await startWatchedAxon()
    const text = requestText({ ...honestHeaders(), 'content-length': '100000000' }, '', { withLength: false })
    expect(await exchange(port, text)).toMatchObject({ status: 413, code: 'body_too_large' })
  })

  it('stops reading a chunked body without end soon after 64 KiB, and closes', async () => {
    const axon = await startWatchedAxon()
    const rssBefore = process.memoryUsage.rss()
    const connection = await RawConnection.open(axon.port)
    connection.write(requestText({ ...honestHeaders(), 'transfer-encoding': 'chunked' }, '', { withLength: false }))
    const chunk = Buffer.concat([Buffer.from('8000\r\n'), Buffer.alloc(0x8000, 0x20), Buffer.from('\r\n')])
    for (let i = 0; i < 1_000; i += 1) connection.write(chunk)
    expect(codeOf(await connection.next())).toBe('body_too_large')
    await connection.closed
    // Our limit, then what the socket had already handed over.
    expect(bytesRead(axon)).toBeLessThan(65_536 + 4 * 65_536)
    expect(process.memoryUsage.rss() - rssBefore).toBeLessThan(60_000_000)
  })

  it('never unpacks a body', async () => {
    const { port } = await startWatchedAxon()
    const bomb = gzipSync(Buffer.alloc(10_000_000))
    const head = requestText(
      { ...honestHeaders(), 'content-encoding': 'gzip', 'content-length': String(bomb.length) },
      '',
      { withLength: false },
    )
    expect(await exchange(port, Buffer.concat([Buffer.from(head), bomb]))).toMatchObject({
      status: 415,
      code: 'media_type',
    })
  })
})

describe('headers', () => {
  const raw = (lines: string[]) =>
    `POST /Simulation HTTP/1.1\r\nhost: x\r\n${Object.entries(honestHeaders())
      .map(([name, value]) => `${name}: ${value}`)
      .join('\r\n')}\r\n${lines.join('\r\n')}\r\n\r\n{}`

  it.each<[string, () => string, number, string]>([
    ['a block over 16 KiB', () => raw([`x: ${'a'.repeat(17_000)}`, 'content-length: 2']), 431, 'headers_too_large'],
    [
      '2,000 headers',
      () => raw([...Array.from({ length: 2_000 }, (_, i) => `a${i % 10}: b`), 'content-length: 2']),
      431,
      'headers_too_large',
    ],
    ['a NUL in a value', () => raw(['x: a\u0000b', 'content-length: 2']), 400, 'bad_http'],
    ['a bare CR in a value', () => raw(['x: a\rb', 'content-length: 2']), 400, 'bad_http'],
    ['a folded line', () => raw(['x: a\r\n b', 'content-length: 2']), 400, 'bad_http'],
    ['two Content-Length', () => raw(['content-length: 2', 'content-length: 3']), 400, 'bad_http'],
    [
      'Content-Length with Transfer-Encoding',
      () => raw(['content-length: 2', 'transfer-encoding: chunked']),
      400,
      'bad_http',
    ],
    ['a space before the colon', () => raw(['x : y', 'content-length: 2']), 400, 'bad_http'],
    ['no HTTP at all', () => '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\r\n\r\n', 400, 'bad_http'],
    ['the preface of HTTP/2', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'bad_http'],
    ['HTTP/3.7', () => raw(['content-length: 2']).replace('HTTP/1.1', 'HTTP/3.7'), 400, 'bad_http'],
  ])('refuses %s', async (_name, text, status, code) => {
    const { port } = await startWatchedAxon()
    expect(await exchange(port, text())).toMatchObject({ status, code })
  })

  it('refuses a protocol header that is sent twice, in whatever case', async () => {
    const { port } = await startWatchedAxon()
    const headers = honestHeaders()
    const twice = { ...headers, BT_HEADER_DENDRITE_NONCE: headers['bt_header_dendrite_nonce']! }
    expect(await exchange(port, requestText(twice, honestBody()))).toMatchObject({
      status: 400,
      code: 'nonce_malformed',
    })
  })

  it('sends nothing of the peer back and logs none of it', async () => {
    const { port, fixture } = await startWatchedAxon()
    const mark = 'EVIL<script>%0d%0a'
    const headers = { ...honestHeaders(), bt_header_dendrite_hotkey: mark, name: mark, 'x-forwarded-for': mark }
    const connection = await RawConnection.open(port)
    connection.write(requestText(headers, honestBody(), { path: '/Simulation' }))
    const answer = await connection.next()
    connection.write(requestText({ ...unsigned(), name: mark }, '', { path: `/${mark}` }))
    const second = await connection.next()
    connection.destroy()
    expect([answer?.status, second?.status]).toEqual([400, 404])
    expect(JSON.stringify([answer, second, ...(answer?.headers ?? []), ...(second?.headers ?? [])])).not.toContain(
      'EVIL',
    )
    expect(JSON.stringify(fixture.log.entries)).not.toContain('EVIL')
  })
})

describe('other requests', () => {
  it.each<[string, string, number, string]>([
    ['another path', requestText({}, '', { path: '/Other' }), 404, 'not_found'],
    ['the path in another case', requestText({}, '', { path: '/simulation' }), 404, 'not_found'],
    ['a trailing slash', requestText({}, '', { path: '/Simulation/' }), 404, 'not_found'],
    ['a path with ..', requestText({}, '', { path: '/../Simulation' }), 404, 'not_found'],
    ['a broken escape', requestText({}, '', { path: '/%zz' }), 400, 'bad_http'],
    ['GET', requestText({}, '', { method: 'GET' }), 405, 'method_not_allowed'],
    ['PUT', requestText({}, '', { method: 'PUT' }), 405, 'method_not_allowed'],
    ['an unknown method', requestText({}, '', { method: 'BREW' }), 400, 'bad_http'],
    ['an upgrade', requestText({ connection: 'upgrade', upgrade: 'h2c' }, ''), 400, 'upgrade_refused'],
  ])('refuses %s', async (_name, text, status, code) => {
    const { port } = await startWatchedAxon()
    const connection = await RawConnection.open(port)
    connection.write(text)
    const answer = await connection.next()
    connection.destroy()
    expect([answer?.status, codeOf(answer)]).toEqual([status, code])
  })

  it('refuses HEAD without a body, and the connection stays usable', async () => {
    const { port, fixture } = await startWatchedAxon()
    const connection = await RawConnection.open(port)
    connection.write(requestText({}, '', { method: 'HEAD' }))
    const refused = await connection.next({ toHead: true })
    expect([refused?.status, refused?.headers.get('content-type')]).toEqual([405, 'application/json'])
    expect(fixture.counters.refusals.get('method_not_allowed')).toBe(1)
    // A byte of a body would stand before the next answer.
    connection.write(requestText(honestHeaders(), honestBody()))
    expect((await connection.next())?.status).toBe(200)
    connection.destroy()
  })

  it('works on one request of a connection at a time', async () => {
    const { port, fixture } = await startWatchedAxon()
    let finish: () => void = () => {}
    const held = new Promise<void>((resolve) => {
      finish = resolve
    })
    fixture.texts.answer = async () => {
      await held
      return { ok: false, reason: 'failed', detail: 'held' }
    }
    const connection = await RawConnection.open(port)
    connection.write(requestText(honestHeaders(), honestBody()))
    await waitUntil(() => fixture.texts.asked.length === 1)
    for (let i = 0; i < 1_000; i += 1) connection.write(requestText(honestHeaders(), honestBody()))
    await waitUntil(() => (fixture.counters.refusals.get('pipelined') ?? 0) > 0)
    finish()
    expect(codeOf(await connection.next())).toBe('answer_failed')
    expect(codeOf(await connection.next())).toBe('pipelined')
    await connection.closed
    expect(fixture.texts.asked).toHaveLength(1)
    expect(fixture.counters.mostAtWork).toBe(1)
  })

  it('answers HTTP/1.0, which proxies speak', async () => {
    const { port } = await startWatchedAxon()
    const text = requestText(honestHeaders(), honestBody()).replace('HTTP/1.1', 'HTTP/1.0')
    expect((await exchange(port, text)).status).toBe(200)
  })
})

describe('a stop', () => {
  it('refuses what is new', async () => {
    const axon = await buildFixtureAxon(axonFixture({ clock: systemClock }))
    axon.drain()
    const answer = await axon.server.inject({
      method: 'POST',
      url: '/Simulation',
      headers: honestHeaders(),
      payload: honestBody(),
    })
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([503, 'stopping'])
  })

  it('finishes what is at work, and closes', async () => {
    const live = await startLiveAxon()
    let finish: () => void = () => {}
    let begin: () => void = () => {}
    const begun = new Promise<void>((resolve) => {
      begin = resolve
    })
    live.fixture.texts.answer = async () => {
      begin()
      await new Promise<void>((resolve) => {
        finish = resolve
      })
      live.fixture.texts.answer = undefined
      return live.fixture.texts.makeAnswerText({
        asset: 'BTC',
        startAtSeconds: 0,
        lengthSeconds: 60,
        stepSeconds: 60,
        pathCount: 1,
      })
    }
    const working = await RawConnection.open(live.port)
    working.write(requestText(honestHeaders(), honestBody()))
    await begun
    const stopped = live.stop()
    finish()
    expect((await working.next())?.status).toBe(200)
    working.destroy()
    await stopped
    await expect(RawConnection.open(live.port)).rejects.toThrow('ECONNREFUSED')
  })
})
