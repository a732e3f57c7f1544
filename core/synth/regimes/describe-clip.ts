import type { ClipRule } from './regime.ts'

export function describeClip(clip: ClipRule): string {
  switch (clip.kind) {
    case 'p90':
      return 'clip at p90'
    case 'none':
      return 'no clip'
    case 'medianMultiple':
      return `clip at ${clip.multiple} medians`
  }
}
