import type { PasswordRequest, PasswordSource } from '#core/bittensor/wallet/hotkey-wallet'
import { WalletError } from '#core/bittensor/wallet/wallet-error'
import { passwordVariable, revealPassword } from '#core/bittensor/wallet/wallet-layout'
import { readPrivateFile } from './private-file.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** The first source with a password wins. */
export function firstPassword(sources: readonly PasswordSource[]): PasswordSource {
  return {
    find: async (request) => {
      for (const source of sources) {
        const password = await source.find(request)
        if (password !== undefined) return password
      }
      return undefined
    },
  }
}

/** The variables of the Bittensor tools: first the obscured one of this file, then the plain one. */
export function environmentPasswords(env: Environment): PasswordSource {
  return { find: async (request) => hiddenPassword(env, request) ?? nonEmpty(env['BT_WALLET_PASSWORD']) }
}

function hiddenPassword(env: Environment, request: PasswordRequest): string | undefined {
  const hidden = nonEmpty(env[request.variable])
  if (hidden === undefined) return undefined
  const password = revealPassword(hidden, request.variable)
  if (password === undefined) {
    throw new WalletError(
      'WALLET_PASSWORD_WRONG',
      `${request.variable} does not hold a password in the form that btcli writes.`,
    )
  }
  return password
}

/** A file with the password in its first line, as private as the key itself. */
export function filePassword(path: string | undefined, options: { allowOpenFile: boolean }): PasswordSource {
  return {
    find: async () => {
      if (path === undefined) return undefined
      const { content } = await readPrivateFile(path, { ...options, what: 'password file' })
      return nonEmpty(content.toString('utf8').split(/\r?\n/)[0])
    },
  }
}

/** Asks a person, each time it is called. */
export function askedPassword(ask: (question: string) => Promise<string | undefined>): PasswordSource {
  return { find: async (request) => nonEmpty(await ask(`Password of ${request.keyFilePath}: `)) }
}

export function passwordRequest(keyFilePath: string): PasswordRequest {
  return { keyFilePath, variable: passwordVariable(keyFilePath) }
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text
}
