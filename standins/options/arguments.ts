import { InvalidArgumentError } from 'commander'

/** Readers of the options of `miner dev`. */
export function toMinutes(text: string): number {
  const minutes = Number(text)
  if (!(minutes > 0 && minutes <= 10_000)) throw new InvalidArgumentError('It must be a number of minutes, such as 2.')
  return minutes
}

export function toSeed(text: string): bigint {
  if (!/^\d{1,19}$/.test(text)) throw new InvalidArgumentError('It must be a whole number, such as 7.')
  return BigInt(text)
}

export function toPort(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError('It must be a port, 0 to 65535.')
  return port
}

export function toUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:/.test(text)) {
    throw new InvalidArgumentError('It must be an address such as http://127.0.0.1:8091.')
  }
  return text.replace(/\/+$/, '')
}
