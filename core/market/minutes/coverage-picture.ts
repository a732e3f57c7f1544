import { kindOf } from './minute-day.ts'

const heights = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const
export const emptyCell = '·'

/**
 * A range in a few characters. The height of a cell is the share of its minutes that is known (close or declared gap);
 * a dot means none. Only a complete cell is full, and only an empty cell is a dot.
 */
export function drawCoverage(slots: Float64Array, width: number): string {
  const cells = Math.min(width, slots.length)
  let picture = ''
  for (let cell = 0; cell < cells; cell += 1) {
    const from = Math.floor((cell * slots.length) / cells)
    const to = Math.floor(((cell + 1) * slots.length) / cells)
    let known = 0
    for (let i = from; i < to; i += 1) if (kindOf(slots[i]!) !== 'unknown') known += 1
    if (known === 0) picture += emptyCell
    else if (known === to - from) picture += heights[7]
    else picture += heights[Math.min(6, Math.floor((known / (to - from)) * 8))]
  }
  return picture
}
