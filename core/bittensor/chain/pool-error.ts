/** What to do about a refused transaction. */
export type RefusalKind =
  /** The hotkey is not registered on the subnet. */
  | 'deregistered'
  /** This address cannot be announced: the operator must change it. */
  | 'misconfigured'
  /** Too early: wait for the blocks of the rate limit. */
  | 'rateLimited'
  /** Another transaction used our nonce: one more try, with a fresh nonce. */
  | 'stale'
  /** Refused for another reason: wait and retry, a few times. */
  | 'other'

export interface ChainRefusal {
  readonly kind: RefusalKind
  /** The chain's own name for it, e.g. ServingRateLimitExceeded. */
  readonly name: string
  readonly customCode: number | undefined
  readonly text: string
}

/** Codes of the runtime's transaction check in the pool; later numbers have changed between releases. */
const customNames: Readonly<Record<number, string>> = {
  0: 'ColdkeySwapAnnounced',
  1: 'StakeAmountTooLow',
  2: 'BalanceTooLow',
  3: 'SubnetNotExists',
  4: 'HotkeyAccountDoesntExist',
  5: 'NotEnoughStakeToWithdraw',
  6: 'RateLimitExceeded',
  7: 'InsufficientLiquidity',
  8: 'SlippageTooHigh',
  9: 'TransferDisallowed',
  10: 'HotKeyNotRegisteredInNetwork',
  11: 'InvalidIpAddress',
  12: 'ServingRateLimitExceeded',
  13: 'InvalidPort',
  14: 'ZeroMaxAmount',
  15: 'InvalidRevealRound',
  16: 'CommitNotFound',
  17: 'CommitBlockNotInRevealRange',
  18: 'InputLengthsUnequal',
  19: 'UidNotFound',
  20: 'EvmKeyAssociateRateLimitExceeded',
  21: 'ColdkeySwapDisputed',
  22: 'InvalidRealAccount',
  23: 'FailedShieldedTxParsing',
  24: 'InvalidShieldedTxPubKeyHash',
  255: 'BadRequest',
}

const kindsByName: Readonly<Record<string, RefusalKind>> = {
  HotKeyNotRegisteredInNetwork: 'deregistered',
  HotKeyNotRegisteredInSubNet: 'deregistered',
  InvalidIpAddress: 'misconfigured',
  InvalidIpType: 'misconfigured',
  InvalidPort: 'misconfigured',
  ServingRateLimitExceeded: 'rateLimited',
  Stale: 'stale',
}

/** Two forms: a node writes "Custom error: 12", a node with plain codes writes {"invalid":{"custom":12}}. */
export function nameRefusal(text: string): ChainRefusal {
  const custom = /custom(?: error)?"?: ?(\d+)/i.exec(text)?.[1]
  if (custom !== undefined) {
    const customCode = Number(custom)
    return refusal(customNames[customCode] ?? `Custom${customCode}`, text, customCode)
  }
  if (/stale|outdated/i.test(text)) return refusal('Stale', text)
  if (/bad ?proof|bad signature/i.test(text)) return refusal('BadProof', text)
  if (/^1012\b|temporarily banned/i.test(text)) return refusal('TemporarilyBanned', text)
  if (/^1013\b|already imported/i.test(text)) return refusal('AlreadyImported', text)
  if (/^1014\b|priority is too low/i.test(text)) return refusal('PriorityTooLow', text)
  return refusal('Unknown', text)
}

/** The same rules for an error that came from the block instead of the pool. */
export function nameDispatchError(name: string): ChainRefusal {
  return refusal(name, name)
}

function refusal(name: string, text: string, customCode?: number): ChainRefusal {
  return { kind: kindsByName[name] ?? 'other', name, customCode, text }
}
