import type { Server } from 'node:http'
import { onTestFinished } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { startAxons } from '#daemon/axon/start-axons'
import { type AxonFixture, axonFixture } from './axon-fixture.ts'
import { alice, bob, type TestHotkey } from './hotkeys.ts'
import { isoSeconds, promptBody, v10Headers } from './validator-request.ts'

export interface LiveAxon {
  readonly fixture: AxonFixture
  readonly port: number
  stop(): Promise<void> | void
}

/** An axon that really listens on loopback, by the real clock. */
export async function startLiveAxon(options: Parameters<typeof axonFixture>[0] = {}): Promise<LiveAxon> {
  const fixture = axonFixture({ clock: systemClock, ...options })
  const running = await startAxons(fixture.deps, [{ address: bob.address, port: 0 }], fixture.config)
  onTestFinished(() => running.stop())
  return { fixture, port: running.axons[0]!.port, stop: () => running.stop() }
}

let lastNonceNs = 0n

/** Rising nonces at about the present time, so that no two requests of a test collide. */
export function nextNonceNs(): bigint {
  const nowNs = BigInt(Date.now()) * 1_000_000n
  lastNonceNs = nowNs > lastNonceNs ? nowNs : lastNonceNs + 1n
  return lastNonceNs
}

export function honestHeaders(sender: TestHotkey = alice, receiver = bob.address): Record<string, string> {
  return v10Headers({ sender, receiver, nonceNs: nextNonceNs() })
}

export function honestBody(prompt: Record<string, unknown> = {}): string {
  return promptBody({ start_time: isoSeconds(Date.now() + 58_000), ...prompt })
}

/** Bytes that the server has taken from each connection, open or closed. */
export function countBytesRead(server: Server): () => number {
  const sockets: { bytesRead: number }[] = []
  server.on('connection', (socket) => sockets.push(socket))
  return () => sockets.reduce((sum, socket) => sum + socket.bytesRead, 0)
}
