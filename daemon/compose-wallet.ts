import { HotkeyFile } from '#adapters/wallet/hotkey-file'
import { environmentPasswords, filePassword, firstPassword } from '#adapters/wallet/password-sources'
import type { HotkeyWallet, PasswordSource } from '#core/bittensor/wallet/hotkey-wallet'
import { type HotkeyReference, hotkeyFilePath } from '#core/bittensor/wallet/wallet-layout'
import type { WalletSettings } from './wallet/config.ts'

export interface ConfiguredHotkey {
  readonly reference: HotkeyReference
  readonly wallet: HotkeyWallet
}

/** The configured hotkey files, not opened yet. `ask` is the last way to get a password, if there is a person. */
export function configuredHotkeys(
  settings: WalletSettings,
  env: Readonly<Record<string, string | undefined>>,
  ask?: PasswordSource,
): ConfiguredHotkey[] {
  const { passwordFile, allowOpenKeyFile } = settings
  const passwords = firstPassword([
    filePassword(passwordFile, { allowOpenFile: allowOpenKeyFile }),
    environmentPasswords(env),
    ...(ask === undefined ? [] : [ask]),
  ])
  return settings.hotkeys.map((reference) => ({
    reference,
    wallet: new HotkeyFile({ passwords }, { path: hotkeyFilePath(reference), allowOpenFile: allowOpenKeyFile }),
  }))
}
