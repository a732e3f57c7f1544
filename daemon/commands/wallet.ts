import type { Command } from 'commander'
import { examples } from '#core/base/cli/examples'
import type { Terminal } from '#core/base/cli/terminal'
import { writeJson } from '#core/base/cli/write-json'
import { AppError } from '#core/base/errors/app-error'
import type { Registration, RegistrationLookup } from '#core/bittensor/chain/registration'
import type { HotkeyFileFacts, HotkeyWallet } from '#core/bittensor/wallet/hotkey-wallet'
import type { HotkeyReference } from '#core/bittensor/wallet/wallet-layout'
import { WalletShowShape } from './wallet-shape.ts'

export interface WalletCommandDeps {
  readonly terminal: Terminal
  /** The configured hotkeys, or the default one. `mayAsk` allows asking a person for the password. */
  readonly openHotkeys: (options: {
    mayAsk: boolean
  }) => readonly { readonly reference: HotkeyReference; readonly wallet: HotkeyWallet }[]
  /** Undefined when no chain is configured. The caller closes it. */
  readonly openLookup: () => (RegistrationLookup & { stop(): Promise<void> }) | undefined
}

interface ShownHotkey {
  readonly wallet: string
  readonly hotkey: string
  readonly file: string
  readonly encryption: HotkeyFileFacts['encryption']
  readonly mode: string
  readonly isReadableByOthers: boolean
  readonly address: string | null
  /** Whether the address was derived from the secret, not only read. */
  readonly isVerified: boolean
  readonly registration: (Registration & { netuid: number }) | null
  readonly problem: string | null
}

export function addWalletCommand(program: Command, deps: WalletCommandDeps): void {
  program
    .command('wallet')
    .description('inspect the hotkeys of the miner')
    .command('show')
    .description('show address, file, encryption and permissions of each hotkey, and whether it is registered')
    .option('--unlock', 'decrypt the hotkey to prove that password and address are right')
    .option('--offline', 'do not ask the chain')
    .option('--json', 'as JSON; never asks for a password')
    .addHelpText(
      'after',
      examples('miner wallet show --wallet.name miner --offline', 'miner wallet show --unlock --offline --json'),
    )
    .action(async (options: { unlock?: boolean; offline?: boolean; json?: boolean }) => {
      const lookup = options.offline === true ? undefined : deps.openLookup()
      try {
        const shown: ShownHotkey[] = []
        const problems: unknown[] = []
        for (const { reference, wallet } of deps.openHotkeys({ mayAsk: options.json !== true })) {
          shown.push(await look(reference, wallet, { unlock: options.unlock === true, lookup, problems }))
        }
        if (options.json === true) writeJson(deps.terminal, WalletShowShape, { hotkeys: shown })
        else for (const hotkey of shown) deps.terminal.write(describe(hotkey))
        // The first problem decides the exit code; all are shown.
        if (problems.length > 0) throw problems[0]
      } finally {
        await lookup?.stop()
      }
    })
}

async function look(
  reference: HotkeyReference,
  wallet: HotkeyWallet,
  how: { unlock: boolean; lookup: RegistrationLookup | undefined; problems: unknown[] },
): Promise<ShownHotkey> {
  const facts = await wallet.inspect()
  let address = facts.claimedAddress
  let problem: string | null = null
  let isVerified = false
  // Opening an encrypted key takes seconds and a password, so it happens only on request.
  if (how.unlock || facts.encryption === 'none') {
    try {
      address = (await wallet.unlock()).address
      isVerified = true
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      problem = error.message
      how.problems.push(error)
    }
  }
  const { lookup } = how
  const registration =
    lookup === undefined || address === undefined
      ? null
      : { ...(await lookup.registrationOf(address)), netuid: lookup.netuid }
  return {
    wallet: reference.walletName,
    hotkey: reference.hotkeyName,
    file: facts.path,
    encryption: facts.encryption,
    mode: facts.mode,
    isReadableByOthers: facts.isReadableByOthers,
    address: address ?? null,
    isVerified,
    registration,
    problem,
  }
}

function describe(shown: ShownHotkey): string {
  const address =
    shown.address === null
      ? 'unknown (encrypted; use --unlock)'
      : `${shown.address} (${shown.isVerified ? 'derived from the secret' : 'as the file says; use --unlock to prove it'})`
  return [
    `${shown.wallet}/${shown.hotkey}`,
    `  address     ${address}`,
    `  file        ${shown.file}`,
    `  encryption  ${shown.encryption}`,
    `  mode        ${shown.mode}${shown.isReadableByOthers ? ' (other users may read it)' : ''}`,
    `  registered  ${describeRegistration(shown.registration)}`,
  ].join('\n')
}

function describeRegistration(registration: ShownHotkey['registration']): string {
  switch (registration?.state) {
    case undefined:
      return 'not asked'
    case 'registered':
      return `yes, uid ${registration.uid} on subnet ${registration.netuid}`
    case 'deregistered':
      return `no, not on subnet ${registration.netuid}`
    case 'unknown':
      return `unknown: ${registration.reason}`
  }
}
