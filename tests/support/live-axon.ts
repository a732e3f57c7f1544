import type { Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { type RunningAxons, startAxons } from '#daemon/axon/start-axons'
import { type AxonFixture, axonFixture, buildFixtureAxon } from './axon-fixture.ts'
import { alice, bob, type TestHotkey } from './hotkeys.ts'
import { isoSeconds, promptBody, v10Headers } from './validator-request.ts'

export interface LiveAxon {
  readonly fixture: AxonFixture
  readonly port: number
  readonly running: RunningAxons
  stop(): Promise<void> | void
}

/** An axon that really listens on loopback, by the real clock. */
export async function startLiveAxon(options: Parameters<typeof axonFixture>[0] = {}): Promise<LiveAxon> {
  const fixture = axonFixture({ clock: systemClock, ...options })
  const running = await startAxons(fixture.deps, [{ address: bob.address, port: 0 }], fixture.config)
  onTestFinished(() => running.stop())
  return { fixture, running, port: running.axons[0]!.port, stop: () => running.stop() }
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

export interface WatchedAxon {
  readonly fixture: AxonFixture
  readonly port: number
  /** The server's ends of all connections, open or closed. */
  readonly sockets: readonly Socket[]
}

/** A listening axon that shows its sockets, to see what the server really does with them. */
export async function startWatchedAxon(options: Parameters<typeof axonFixture>[0] = {}): Promise<WatchedAxon> {
  const fixture = axonFixture({ clock: systemClock, ...options })
  const { server } = await buildFixtureAxon(fixture)
  const sockets: Socket[] = []
  server.server.on('connection', (socket) => sockets.push(socket))
  await server.listen({ host: '127.0.0.1', port: 0 })
  onTestFinished(() => server.close())
  return { fixture, sockets, port: (server.server.address() as { port: number }).port }
}

export function bytesRead(axon: WatchedAxon): number {
  return axon.sockets.reduce((sum, socket) => sum + socket.bytesRead, 0)
}
