/** Why a prompt may have no answer: a fault that was declared, and not what the miner makes of it. */
export type Reason =
  | 'the miner was down'
  | 'no price had come since the start'
  | 'every venue of the asset was out'
  | 'the record of nonces was incomplete after a kill'
  | 'the miner had lost its place'
  | 'the validator was new'
  | 'the clock was wrong and nothing told so'
  | 'the machine gave it no time'

export interface Excuse {
  readonly reason: Reason
  readonly fromMs: number
  readonly toMs: number
  /** Only prompts for this asset, or of this validator; all when absent. */
  readonly asset?: string
  readonly sender?: string
}

export interface AskedPrompt {
  readonly asset: string
  readonly sender: string
  readonly askedAtMs: number
  readonly endedAtMs: number
  /** `answered`, the code of a refusal, `no connection`, `cut`, `no answer`, or what is wrong with the answer. */
  readonly outcome: string
}

/** Each reason explains only what it can cause. */
const explains: Readonly<Record<Reason, readonly string[]>> = {
  'the miner was down': ['no connection', 'cut'],
  'no price had come since the start': ['price_unavailable'],
  'every venue of the asset was out': ['price_unavailable'],
  'the record of nonces was incomplete after a kill': ['nonce_from_before'],
  'the miner had lost its place': ['deregistered'],
  'the validator was new': ['unregistered'],
  'the clock was wrong and nothing told so': [
    ...['nonce_window', 'bad_start_time', 'price_unavailable', 'metagraph_unavailable'],
  ],
  'the machine gave it no time': [
    ...['no answer', 'bad_start_time', 'hotkey_busy', 'saturated', 'deadline_passed', 'price_unavailable'],
  ],
}

/** Undefined: nothing that was declared explains it, so it is ours. */
export function explain(prompt: AskedPrompt, excuses: readonly Excuse[]): Reason | undefined {
  return excuses.find(
    ({ reason, fromMs, toMs, asset = prompt.asset, sender = prompt.sender }) =>
      fromMs <= prompt.endedAtMs &&
      prompt.askedAtMs <= toMs &&
      asset === prompt.asset &&
      sender === prompt.sender &&
      explains[reason].includes(prompt.outcome),
  )?.reason
}

export interface Span {
  readonly fromMs: number
  readonly toMs: number
}

/** When all of them have a span at once. */
export function commonSpans(lists: readonly (readonly Span[])[]): Span[] {
  const [first = [], ...others] = lists
  return others.reduce<readonly Span[]>(
    (common, list) =>
      common.flatMap((a) =>
        list
          .map((b) => ({ fromMs: Math.max(a.fromMs, b.fromMs), toMs: Math.min(a.toMs, b.toMs) }))
          .filter(({ fromMs, toMs }) => fromMs < toMs),
      ),
    first,
  ) as Span[]
}
