import { WalletError } from './wallet-error.ts'

/** Which hotkey of which wallet; names as the operator wrote them. */
export interface HotkeyReference {
  readonly walletsPath: string
  readonly walletName: string
  readonly hotkeyName: string
}

/** The standard layout. The coldkey is next to the hotkeys and is never opened. */
export function hotkeyFilePath(reference: HotkeyReference): string {
  const wallet = checkedName('wallet', reference.walletName)
  const hotkey = checkedName('hotkey', reference.hotkeyName)
  return `${reference.walletsPath.replace(/[/]+$/, '')}/${wallet}/hotkeys/${hotkey}`
}

/** Newer wallets keep the public half next to an encrypted key. */
export function publicFilePath(keyFilePath: string): string {
  return `${keyFilePath}pub.txt`
}

function checkedName(kind: string, name: string): string {
  if (name === '' || name === '.' || name === '..' || /[/\\\0]/.test(name)) {
    throw new WalletError('WALLET_NAME_INVALID', `"${name}" is not a ${kind} name: it must be the name of one file.`)
  }
  return name
}

/** `~` and `~/x` mean the home folder, as they do in a shell. */
export function expandHome(path: string, homeFolder: string): string {
  return path === '~' || path.startsWith('~/') ? `${homeFolder.replace(/[/]+$/, '')}${path.slice(1)}` : path
}

/** The variable in which the Bittensor tools keep the password of a key file. */
export function passwordVariable(keyFilePath: string): string {
  return `BT_PW_${keyFilePath.replace(/[/.]/g, '_').toUpperCase()}`
}

/** The tools obscure that password by XOR with the variable's own name; this is not encryption. */
export function revealPassword(hidden: string, variable: string): string | undefined {
  let mixed: string
  try {
    mixed = atob(hidden.trim())
  } catch {
    return undefined
  }
  const bytes = Uint8Array.from(mixed, (character, i) => {
    return character.charCodeAt(0) ^ variable.charCodeAt(i % variable.length)
  })
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}
