import { EventEmitter } from 'node:events'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { expect, it } from 'vitest'
import { addressParts } from '#tests/support/admission-lab'
import { TestClock } from '#tests/support/test-clock'
import { TestLogger } from '#tests/support/test-logger'
import { Connections } from './connections.ts'
import { CrowdWatch } from './crowd-watch.ts'
import { type Admission, Exchange } from './exchange.ts'
import { LogLimit } from './log-limit.ts'
import { AxonCounters } from './metrics.ts'
import { RefusalLog } from './refusal-log.ts'
import { RefusalPacer } from './refusal-pacer.ts'

const clock = new TestClock()
const refusals = new RefusalLog({ log: new TestLogger(), limit: new LogLimit(clock), metrics: new AxonCounters() })
const connections = new Connections(
  { clock, ...addressParts(clock), crowd: new CrowdWatch(clock), onRefusal: () => {} },
  { maxConnections: 10, maxConnectionsPerIp: 10, maxConnectionsPerKnownIp: 10 },
)
const deps = { clock, refusals, pacer: new RefusalPacer(clock), connections, receiver: 'ours' }
const admission = {} as Admission

function anExchange(socket: object) {
  const raw = new EventEmitter()
  const exchange = new Exchange(deps, { raw: { socket } } as FastifyRequest, { raw } as unknown as FastifyReply)
  return { exchange, sent: () => raw.emit('close') }
}

it('leaves the connection to the request behind it once its answer is on the way', () => {
  const socket = { remoteAddress: '::ffff:203.0.113.9' }
  const first = anExchange(socket)
  const second = anExchange(socket)
  first.exchange.admit(admission)
  first.exchange.leave()
  second.exchange.admit(admission)
  first.sent()
  expect([first.exchange.gone.aborted, second.exchange.gone.aborted]).toEqual([true, false])
  expect(connections.isAtWork(socket)).toBe(true)
  second.sent()
  expect(connections.isAtWork(socket)).toBe(false)
})

it('gives back a slot that comes after the peer has gone', () => {
  const { exchange, sent } = anExchange({ remoteAddress: '203.0.113.9' })
  exchange.admit(admission)
  sent()
  let released = 0
  exchange.takeSlot({ release: () => (released += 1) })
  expect(released).toBe(1)
})

it('arrives without an address when the peer has reset its connection', () => {
  expect(anExchange({ remoteAddress: undefined }).exchange.peerIp).toBe('')
})
