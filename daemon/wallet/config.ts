import { z } from 'zod'
import { filePath } from '#core/base/config/fields'
import { expandHome, type HotkeyReference } from '#core/bittensor/wallet/wallet-layout'

/** The section `wallet`. Missing values come from the variables of the Bittensor tools, then from their defaults. */
export const walletConfigFields = {
  path: filePath().optional().describe('Folder of the wallets; otherwise BT_WALLET_PATH, then ~/.bittensor/wallets'),
  name: z
    .string()
    .min(1)
    .optional()
    .describe('Wallet of the miner; otherwise BT_WALLET_NAME. Without one the miner does not use the chain'),
  hotkeys: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe('Hotkeys of that wallet to mine with, each on its own port; otherwise BT_WALLET_HOTKEY, then "default"'),
  passwordFile: filePath()
    .optional()
    .describe('File with the password of encrypted hotkeys in its first line; otherwise BT_WALLET_PASSWORD_FILE'),
  allowOpenKeyFile: z
    .boolean()
    .default(false)
    .describe('Accept a hotkey or password file that other users of this computer may read'),
}

export type WalletConfig = z.output<z.ZodObject<typeof walletConfigFields>>

export interface WalletSettings {
  /** False when neither the configuration nor the environment names a wallet. */
  readonly isConfigured: boolean
  readonly hotkeys: readonly HotkeyReference[]
  readonly passwordFile: string | undefined
  readonly allowOpenKeyFile: boolean
}

/** Pure: the operator's settings, completed as the Bittensor tools do. */
export function resolveWallet(
  config: WalletConfig,
  surroundings: { env: Readonly<Record<string, string | undefined>>; homeFolder: string },
): WalletSettings {
  const { env, homeFolder } = surroundings
  const fromEnv = (name: string): string | undefined => (env[name] === '' ? undefined : env[name])
  const walletName = config.name ?? fromEnv('BT_WALLET_NAME') ?? fromEnv('BT_WALLET')
  const walletsPath = expandHome(config.path ?? fromEnv('BT_WALLET_PATH') ?? '~/.bittensor/wallets', homeFolder)
  const passwordFile = config.passwordFile ?? fromEnv('BT_WALLET_PASSWORD_FILE')
  return {
    isConfigured: walletName !== undefined,
    hotkeys: (config.hotkeys ?? [fromEnv('BT_WALLET_HOTKEY') ?? 'default']).map((hotkeyName) => ({
      walletsPath,
      walletName: walletName ?? 'default',
      hotkeyName,
    })),
    passwordFile: passwordFile === undefined ? undefined : expandHome(passwordFile, homeFolder),
    allowOpenKeyFile: config.allowOpenKeyFile,
  }
}
