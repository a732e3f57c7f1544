import { AppError } from '#core/base/errors/app-error'
import type { ErrorCode } from '#core/base/errors/codes'

export class GovernanceError extends AppError {}

/** Why the gate refuses. A refusal is an expected answer, so it is a value. */
export interface GovernanceRefusal {
  readonly code: ErrorCode
  /** What and why, in one sentence. */
  readonly message: string
  /** What to do; without it the table's own action is shown. */
  readonly hint?: string
}

export function toError(refusal: GovernanceRefusal): GovernanceError {
  const { code, message, hint } = refusal
  return new GovernanceError(code, message, hint === undefined ? {} : { hint })
}
