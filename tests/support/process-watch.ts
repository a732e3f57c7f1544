import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { hourMs } from '#core/base/time/units'

/** What a process holds at one moment. Linux only. */
export interface Held {
  readonly atMs: number
  /** Figures by name: megabytes of memory and of each file, counts of the rest. */
  readonly figures: Readonly<Record<string, number>>
}

export function whatIsHeld(pid: number, files: readonly string[], atMs: number): Held {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const numberOf = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1])
  return {
    atMs,
    figures: {
      'memory MB': numberOf('VmRSS') / 1024,
      'open files': readdirSync(`/proc/${pid}/fd`).length,
      threads: numberOf('Threads'),
      ...Object.fromEntries(files.map((file) => [`${basename(file)} MB`, sizeOf(file) / 1e6])),
    },
  }
}

export interface Slope {
  readonly perHour: number
  readonly first: number
  readonly last: number
  readonly most: number
}

/** The line of least squares through each figure. */
export function slopesOf(held: readonly Held[]): ReadonlyMap<string, Slope> {
  const names = Object.keys(held[0]?.figures ?? {})
  const hours = held.map(({ atMs }) => atMs / hourMs)
  const meanHours = mean(hours)
  return new Map(
    names.map((name) => {
      const values = held.map(({ figures }) => figures[name]!)
      const meanValue = mean(values)
      const spread = hours.reduce((sum, hour) => sum + (hour - meanHours) ** 2, 0)
      const product = hours.reduce((sum, hour, i) => sum + (hour - meanHours) * (values[i]! - meanValue), 0)
      const [first, last, most] = [values[0]!, values.at(-1)!, Math.max(...values)]
      return [name, { perHour: product / spread, first, last, most }]
    }),
  )
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}
