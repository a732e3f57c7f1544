import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '#core/base/time/clock'
import { accept, type Checked, refuse } from '#core/bittensor/admission/refusals'

export interface BodyRules {
  readonly bodyLimitBytes: number
  readonly bodyTimeoutMs: number
}

/**
 * Reads the body of an admitted request and stops at the first byte too many or too late. Undefined when the peer left
 * before the end.
 */
export function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  clock: Clock,
  rules: BodyRules,
  stopped?: AbortSignal,
): Promise<Checked<Buffer> | undefined> {
  return new Promise((resolve) => {
    const timeUp = new AbortController()
    const chunks: Buffer[] = []
    let sizeBytes = 0

    const finish = (result: Checked<Buffer> | undefined) => {
      timeUp.abort()
      request.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone)
      request.pause()
      resolve(result)
    }
    const onData = (chunk: Buffer) => {
      sizeBytes += chunk.length
      if (sizeBytes > rules.bodyLimitBytes) finish(refuse('body_too_large'))
      else chunks.push(chunk)
    }
    const onEnd = () => finish(accept(Buffer.concat(chunks, sizeBytes)))
    const onGone = () => finish(undefined)
    // Another body needs the room more.
    stopped?.addEventListener('abort', () => finish(refuse('verifier_busy')), { once: true })
    request.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone)
    clock.sleep(rules.bodyTimeoutMs, timeUp.signal).then(
      () => finish(refuse('body_timeout')),
      () => {},
    )
    // Only now, when the caller is known, a client that asked may send.
    if (request.headers.expect !== undefined && !response.headersSent) response.writeContinue()
  })
}
