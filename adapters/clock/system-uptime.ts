import { readFileSync } from 'node:fs'
import { uptime } from 'node:os'
import type { Uptime } from '#core/base/time/trusted-time'

/** Counts on while the computer sleeps, and is the same for all programs on it. */
export function readSystemUptime(): Uptime {
  return { bootId: readBootId(), uptimeMs: () => uptime() * 1_000 }
}

/** Empty where the system does not tell: then each start counts as another one. */
function readBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return ''
  }
}
