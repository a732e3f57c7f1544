import { UsageError } from '#core/base/errors/app-error'

/** Of `--uid`. */
export function readUid(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const uid = Number(text)
  if (/^\d{1,5}$/.test(text) && uid < 65_536) return uid
  throw new UsageError('USAGE', `--uid must be a number from 0 to 65535, not "${text}".`, {})
}
