import { type FileHandle, open } from 'node:fs/promises'
import { WalletError } from '#core/bittensor/wallet/wallet-error'

/** A hotkey file is smaller than one kilobyte; a much larger file is something else. */
const sizeLimitBytes = 65_536

export interface PrivateFile {
  readonly content: Buffer
  /** As `ls` counts it, e.g. "600". */
  readonly mode: string
  readonly isReadableByOthers: boolean
}

/**
 * Reads a file that nobody else may read. Permissions are read from the opened file, so it cannot be swapped in
 * between.
 */
export async function readPrivateFile(
  path: string,
  options: { what: string; allowOpenFile: boolean },
): Promise<PrivateFile> {
  const file = await openFile(path, options.what)
  try {
    const { mode, size } = await file.stat()
    if (size > sizeLimitBytes) {
      throw new WalletError(
        'WALLET_FILE_UNREADABLE',
        `The ${options.what} ${path} has ${size} bytes; the limit is ${sizeLimitBytes}.`,
      )
    }
    const permissions = (mode & 0o777).toString(8).padStart(3, '0')
    const isReadableByOthers = (mode & 0o077) !== 0
    if (isReadableByOthers && !options.allowOpenFile) {
      throw new WalletError(
        'WALLET_FILE_OPEN_TO_OTHERS',
        `Other users may read the ${options.what} ${path} (mode ${permissions}).`,
        { hint: `Run "chmod 600 ${path}", or set wallet.allowOpenKeyFile to true.` },
      )
    }
    return { content: await file.readFile(), mode: permissions, isReadableByOthers }
  } catch (error) {
    if (error instanceof WalletError) throw error
    throw new WalletError('WALLET_FILE_UNREADABLE', `The ${options.what} ${path} cannot be read (${codeOf(error)}).`)
  } finally {
    await file.close()
  }
}

async function openFile(path: string, what: string): Promise<FileHandle> {
  try {
    return await open(path, 'r')
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new WalletError('WALLET_FILE_MISSING', `There is no ${what} at ${path}.`)
    }
    throw new WalletError('WALLET_FILE_UNREADABLE', `The ${what} ${path} cannot be read (${code}).`)
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
}
