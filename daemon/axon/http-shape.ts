import type { IncomingMessage } from 'node:http'
import { accept, type Checked, refuse } from '#core/bittensor/admission/refusals'

export interface HttpShapeRules {
  readonly maxHeaders: number
  readonly bodyLimitBytes: number
}

/** As Node reads it, so that each request meets the same judgement there and here. */
const expectsContinue = /(?:^|\W)100-continue(?:$|\W)/i

/** What is refused for the form of the HTTP message, whoever sent it. */
export function checkHttpShape(request: IncomingMessage, rules: HttpShapeRules): Checked<void> {
  const { headers, httpVersion, rawHeaders } = request
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return refuse('bad_http')
  if (headers.upgrade !== undefined) return refuse('upgrade_refused')
  // Names and values alternate. Node drops what is beyond its own limit without a word.
  if (rawHeaders.length / 2 > rules.maxHeaders) return refuse('headers_too_large')
  if (Number(headers['content-length'] ?? 0) > rules.bodyLimitBytes) return refuse('body_too_large')
  // HTTP/1.0 knows no expectations; Node passes over them there too.
  if (httpVersion === '1.1' && headers.expect !== undefined && !expectsContinue.test(headers.expect)) {
    return refuse('expectation_failed')
  }
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') return refuse('media_type')
  return accept(undefined)
}
