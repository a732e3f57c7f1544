import { writeJson } from '#core/base/cli/write-json'
import { AppError, StoreError } from '#core/base/errors/app-error'
import { counted } from '#core/base/text/counted'
import { JournalVerifyShape, viewChain } from '#core/forecast/journal/journal-view'
import { type ChainVerification, verifyChain } from '#core/forecast/journal/prediction-chain'
import { type JournalCommandDeps, withJournal } from './context.ts'

export interface JournalVerifyOptions {
  readonly hash?: string
  readonly json?: boolean
}

const shownProblems = 3

export function verifyJournal(deps: JournalCommandDeps, { hash, json }: JournalVerifyOptions): void {
  const { terminal, hashText } = deps
  const verification = withJournal(deps, ({ chain }) => {
    if (chain !== undefined) return verifyChain(chain, hashText, hash)
    throw new StoreError('STORE_MISSING', 'The journal has no chain yet: no release that keeps one has written to it.')
  })
  if (json === true) writeJson(terminal, JournalVerifyShape, viewChain(verification))
  else if (verification.isSound) for (const line of describe(verification)) terminal.write(line)
  if (verification.isSound) return
  throw new AppError('JOURNAL_CHAIN_BROKEN', verification.problems.slice(0, shownProblems).join(' '))
}

function describe(verification: ChainVerification): string[] {
  const { entryCount, firstEntry, lastEntry, headHash, withoutRecord, olderRecords, knownEntry } = verification
  const begin = firstEntry !== null && firstEntry > 1 ? `; ${firstEntry - 1} before them went with their records` : ''
  return [
    `The chain is intact: ${counted(entryCount, 'entry', 'entries')}${begin}.`,
    ...(withoutRecord > 0
      ? [`  the oldest ${counted(withoutRecord, 'record')} gone, as retention takes them (journal.retainDays)`]
      : []),
    ...(olderRecords > 0
      ? [`  ${counted(olderRecords, 'record')} from before the chain: nothing is known of them`]
      : []),
    ...(knownEntry === null
      ? []
      : [`  entry ${knownEntry} has the given hash, ${lastEntry! - knownEntry} came after it`]),
    `  last hash ${headHash}`,
  ]
}
