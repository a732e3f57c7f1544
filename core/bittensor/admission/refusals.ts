/**
 * One kind of refusal: its status and its sentence. Its code is in the answer, in the log line and on the counter. Nothing
 * that the peer sent is ever part of any of them.
 */
export interface RefusalEntry {
  readonly status: number
  readonly message: string
  /** Sent as Retry-After. */
  readonly retryAfterSeconds?: number
}

/** By code. A subnet module brings a table of its own for what only it can refuse. */
export type RefusalTable = Readonly<Record<string, RefusalEntry>>

const table = {
  // The HTTP message itself
  bad_http: { status: 400, message: 'The request is not valid HTTP/1.1.' },
  upgrade_refused: { status: 400, message: 'This server speaks HTTP/1.1 only and upgrades no connection.' },
  pipelined: { status: 400, message: 'A request of this connection is still at work; wait for its answer.' },
  not_found: { status: 404, message: 'There is nothing at this path.' },
  method_not_allowed: { status: 405, message: 'This path takes POST only.' },
  request_timeout: { status: 408, message: 'The request did not arrive in time.' },
  body_timeout: { status: 408, message: 'The body did not arrive in time.' },
  body_too_large: { status: 413, message: 'The body is larger than this server reads.' },
  media_type: { status: 415, message: 'The body must be uncoded application/json.' },
  expectation_failed: { status: 417, message: 'The only expectation met here is 100-continue.' },
  headers_too_large: { status: 431, message: 'The headers are more or larger than this server reads.' },

  // Who is calling
  ip_not_listed: { status: 403, message: 'This address is not on the allow-list.' },
  scheme_unknown: { status: 401, message: 'This authentication scheme is not accepted here.' },
  sig_missing: { status: 401, message: 'The request carries no signature.' },
  sig_malformed: { status: 401, message: 'The signature must be 0x and 128 hex digits.' },
  sig_invalid: { status: 401, message: 'The signature does not hold.' },
  hotkey_missing: { status: 401, message: 'The request names no hotkey.' },
  hotkey_malformed: { status: 400, message: 'The hotkey is not an SS58 address with prefix 42.' },
  nonce_missing: { status: 401, message: 'The request carries no nonce.' },
  nonce_malformed: { status: 400, message: 'The nonce must be a positive decimal integer in nanoseconds.' },
  nonce_window: { status: 401, message: 'The nonce is too old or too far ahead; check the clock.' },
  nonce_replayed: { status: 401, message: 'This nonce, or a later one, was used before.' },
  nonce_from_before: {
    status: 503,
    message: 'This server has no complete record of nonces from before its start, and takes later ones only.',
    retryAfterSeconds: 5,
  },
  uuid_missing: { status: 401, message: 'The request carries no uuid.' },
  uuid_malformed: { status: 400, message: 'The uuid must be 1 to 64 letters, digits or hyphens.' },
  timeout_malformed: { status: 400, message: 'The timeout must be a positive number of seconds.' },
  body_hash_missing: { status: 401, message: 'The request carries no computed_body_hash.' },
  body_hash_unknown: { status: 401, message: 'The computed_body_hash is not that of this synapse.' },
  wrong_receiver: { status: 401, message: 'The request is meant for another hotkey.' },
  unregistered: { status: 403, message: 'This hotkey is not registered on the subnet.' },
  no_permit: { status: 403, message: 'This hotkey has no validator permit.' },
  low_stake: { status: 403, message: 'The stake of this hotkey is below the minimum.' },

  // What is asked
  bad_json: { status: 400, message: 'The body is not one plain JSON object.' },

  // Whether there is room and something to answer with
  too_many_connections: { status: 429, message: 'Too many connections from this address.', retryAfterSeconds: 5 },
  too_many_failures: {
    status: 429,
    message: 'Too many wrong signatures from this address.',
    retryAfterSeconds: 10,
  },
  connections_full: { status: 503, message: 'Every connection is taken.', retryAfterSeconds: 5 },
  verifier_busy: { status: 503, message: 'Too many signatures are waiting to be verified.', retryAfterSeconds: 1 },
  hotkey_busy: { status: 429, message: 'Too many requests of this hotkey are at work.', retryAfterSeconds: 1 },
  saturated: { status: 503, message: 'Every place is taken by requests with more stake.', retryAfterSeconds: 1 },
  metagraph_unavailable: { status: 503, message: 'The list of validators is not known yet.', retryAfterSeconds: 12 },
  deregistered: { status: 503, message: 'This miner is not registered on the subnet.', retryAfterSeconds: 60 },
  answer_failed: { status: 503, message: 'The forecast could not be made.', retryAfterSeconds: 5 },
  deadline_passed: { status: 503, message: 'The answer was not ready in time.', retryAfterSeconds: 1 },
  stopping: { status: 503, message: 'This server is stopping.', retryAfterSeconds: 5 },
} as const satisfies RefusalTable

export type RefusalCode = keyof typeof table

export const refusalTable: Readonly<Record<RefusalCode, RefusalEntry>> = table

export interface Refusal extends RefusalEntry {
  readonly code: string
  /** The field of the body that is at fault: always a name of ours. */
  readonly field?: string
}

export interface Refused {
  readonly ok: false
  readonly refusal: Refusal
}

export type Checked<T> = { readonly ok: true; readonly value: T } | Refused

export function accept<T>(value: T): Checked<T> {
  return { ok: true, value }
}

export const refuse = refuseWith(table)

/** Refuses with the codes of one table. A code without a field is one object: a flood of refusals makes no garbage. */
export function refuseWith<Code extends string>(
  codes: Readonly<Record<Code, RefusalEntry>>,
): (code: Code, field?: string) => Refused {
  const made = new Map<string, Refused>()
  for (const [code, entry] of Object.entries<RefusalEntry>(codes)) {
    made.set(code, { ok: false, refusal: { code, ...entry } })
  }
  return (code, field) => {
    const refused = made.get(code)!
    return field === undefined ? refused : { ok: false, refusal: { ...refused.refusal, field } }
  }
}
