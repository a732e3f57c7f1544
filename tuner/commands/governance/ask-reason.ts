import { QuietExit } from '#core/base/cli/quiet-exit'
import { exitCodes } from '#core/base/errors/codes'
import { defaultReason, type Proposal, refuseReason } from '#core/tuning/governance/propose-change'
import { type GovernanceDeps, type JsonOption, refuse } from './context.ts'
import { shellLine } from './text.ts'

export interface ReasonOptions extends JsonOption {
  readonly reason?: string
  readonly yes?: boolean
}

export type GivenReason = Required<Pick<Proposal, 'reason' | 'isDefaultReason'>>

/** Of nobody: the older miner's own words. */
export const unspoken: GivenReason = { reason: defaultReason, isDefaultReason: true }

/** The reason of the line; undefined: a person has to be asked. */
export function reasonOf({ reason, yes }: ReasonOptions): GivenReason | undefined {
  if (reason !== undefined) return { reason, isDefaultReason: false }
  return yes === true ? unspoken : undefined
}

/** Reason and consent of a person; where there is none, the line to type. Ends the command without a yes. */
export async function askReason(
  { ask, terminal, settings = [] }: GovernanceDeps,
  { question, words, json }: JsonOption & { readonly question: string; readonly words: readonly string[] },
): Promise<GivenReason> {
  if (ask === undefined || json === true) {
    const line = shellLine(['tuner', ...settings, ...words])
    return refuse({
      code: 'REASON_MISSING',
      message: 'Nothing was changed: there is no --reason, and nobody here to ask for one.',
      hint: `Run "${line} --yes", or the same with --reason TEXT; --yes alone stores the reason "${defaultReason}".`,
    })
  }
  const typed = (await ask(`Reason (Enter for "${defaultReason}"): `))?.trim()
  const problem = typed === undefined || typed === '' ? undefined : refuseReason(typed)
  if (problem !== undefined) return refuse(problem)
  const yes = typed === undefined ? undefined : await ask(`${question} (y/N) `)
  if (!/^y(es)?$/i.test(yes?.trim() ?? '')) {
    terminal.write('Nothing was changed.')
    throw new QuietExit(exitCodes.failed)
  }
  return typed === undefined || typed === '' ? unspoken : { reason: typed, isDefaultReason: false }
}
