import type { RegimeDefinition } from '../definition.ts'
import { autumn2026 } from './autumn-2026.ts'
import { late2025, regime20251110 } from './late-2025.ts'
import { spring2026 } from './spring-2026.ts'
import { summer2026 } from './summer-2026.ts'

/** Every regime of this release, each before those that extend it. */
export const builtInRegimes: readonly RegimeDefinition[] = [
  regime20251110,
  ...late2025,
  ...spring2026,
  ...summer2026,
  ...autumn2026,
]
