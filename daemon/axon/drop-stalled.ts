import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Clock } from '#core/base/time/clock'

/**
 * Drops a peer that stops reading its answer. Node's own time limit takes the first bytes of a long answer for progress
 * when it fires, and so acts after twice its value. This one looks eight times in that time whether bytes have left.
 */
export function dropStalled(socket: Socket, response: ServerResponse, clock: Clock, idleMs: number): void {
  const sent = new AbortController()
  response.once('close', () => sent.abort())
  void watch(socket, clock, idleMs, sent.signal).catch(() => {})
}

async function watch(socket: Socket, clock: Clock, idleMs: number, sent: AbortSignal): Promise<void> {
  let progressAtMs = clock.monotonicMs()
  let unsent = -1
  for (;;) {
    await clock.sleep(Math.max(10, idleMs / 8), sent)
    const left = unsentBytes(socket)
    if (left !== unsent) {
      unsent = left
      progressAtMs = clock.monotonicMs()
    } else if (clock.monotonicMs() - progressAtMs >= idleMs) {
      socket.destroy()
      return
    }
  }
}

/** The stream's own count moves only when a whole write is done, so the kernel's queue is asked, where Node shows it. */
function unsentBytes(socket: Socket): number {
  const { _handle: handle } = socket as { _handle?: { writeQueueSize?: number } | null }
  return socket.writableLength + (handle?.writeQueueSize ?? 0)
}
