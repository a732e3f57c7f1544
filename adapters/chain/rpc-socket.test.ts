import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { systemClock } from '#adapters/clock/system-clock'
import { RpcError, RpcLost, RpcSocket, RpcTimeout } from './rpc-socket.ts'

interface Request {
  readonly id: number
  readonly method: string
}

/** A node that does with each request what the test says. */
async function aNode(respond: (request: Request, client: WebSocket) => void): Promise<string> {
  const http = createServer()
  const ws = new WebSocketServer({ server: http })
  ws.on('connection', (client) => {
    client.on('message', (data) => respond(JSON.parse(String(data)) as Request, client))
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const client of ws.clients) client.terminate()
    http.close()
  })
  return `ws://127.0.0.1:${(http.address() as AddressInfo).port}`
}

async function open(url: string, requestDeadlineMs = 5_000): Promise<RpcSocket> {
  const socket = await RpcSocket.open({ clock: systemClock }, { url, requestDeadlineMs }, new AbortController().signal)
  onTestFinished(() => socket.close('done'))
  return socket
}

const send = (client: WebSocket, body: object): void => client.send(JSON.stringify({ jsonrpc: '2.0', ...body }))

describe('RpcSocket', () => {
  it('gives each request its own answer, in whatever order they come', async () => {
    const waiting: Request[] = []
    const url = await aNode((request, client) => {
      waiting.push(request)
      if (waiting.length === 2) for (const one of waiting.reverse()) send(client, { id: one.id, result: one.method })
    })
    const socket = await open(url)
    expect(await Promise.all([socket.request('a', []), socket.request('b', [])])).toEqual(['a', 'b'])
  })
  it('rejects with the words of the node, and knows when it asks for less', async () => {
    const errors = [
      { code: 1010, message: 'Invalid Transaction', data: 'Custom error: 12' },
      { code: -32_000, message: 'Too many requests' },
      { code: -32_999, message: 'no' },
    ]
    const socket = await open(await aNode(({ id }, client) => send(client, { id, error: errors.shift() })))
    const fail = (): Promise<unknown> => socket.request('x', []).catch((error: unknown) => error)
    expect(await fail()).toMatchObject({ message: '1010: Invalid Transaction: Custom error: 12', isRateLimit: false })
    expect(await fail()).toMatchObject({ isRateLimit: true })
    const last = await fail()
    expect(last).toBeInstanceOf(RpcError)
    expect(last).toMatchObject({ isRateLimit: true })
  })
  it('gives up a request at its deadline and takes no late answer for another one', async () => {
    const url = await aNode(({ id, method }, client) => {
      if (method === 'slow') return
      send(client, { id: id - 1, result: 'late' })
      send(client, { id, result: 'right' })
    })
    const socket = await open(url, 50)
    await expect(socket.request('slow', [])).rejects.toBeInstanceOf(RpcTimeout)
    expect(await socket.request('quick', [])).toBe('right')
  })
  it('delivers messages that come before the answer which names their subscription', async () => {
    const url = await aNode(({ id }, client) => {
      send(client, { method: 'x', params: { subscription: 's1', result: 1 } })
      send(client, { id, result: 's1' })
      send(client, { method: 'x', params: { subscription: 's1', result: 2 } })
      send(client, { method: 'x', params: { subscription: 'other', result: 3 } })
      send(client, { method: 'x', params: { subscription: 's1', result: 4 } })
    })
    const socket = await open(url)
    const seen: unknown[] = []
    const all = new Promise<void>((resolve) => {
      void socket.subscribe('sub', [], (message) => {
        seen.push(message)
        if (message === 4) resolve()
      })
    })
    await all
    expect(seen).toEqual([1, 2, 4])
  })
  it('passes over noise', async () => {
    const url = await aNode(({ id }, client) => {
      for (const noise of ['', 'hello', '[]', '7', 'null', '{"id": 99, "result": 1}']) client.send(noise)
      send(client, { id, result: 'there' })
    })
    expect(await (await open(url)).request('x', [])).toBe('there')
  })
  it('rejects what waits, and what comes after, when the connection ends', async () => {
    const socket = await open(await aNode((_, client) => client.terminate()))
    await expect(socket.request('x', [])).rejects.toBeInstanceOf(RpcLost)
    expect(await socket.closed).toContain('closed by the node')
    await expect(socket.request('y', [])).rejects.toBeInstanceOf(RpcLost)
    expect(socket.isOpen).toBe(false)
  })
  it('closes a connection whose message is far too large', async () => {
    const url = await aNode((_, client) => client.send('x'.repeat(40_000_000)))
    const socket = await open(url)
    await expect(socket.request('x', [])).rejects.toBeInstanceOf(RpcLost)
  })
  it('says why a node cannot be reached', async () => {
    const closed = await aNode(() => {})
    const http = createServer((_, response) => response.writeHead(200).end('hello'))
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void http.close())
    await expect(open(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`)).rejects.toThrow(
      /Unexpected server response: 200/,
    )
    await expect(open(closed.replace(/:\d+$/, ':1'))).rejects.toThrow(/ECONNREFUSED/)
  })
})
