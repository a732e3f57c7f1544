import { studentWidth } from '#core/base/statistics/small-sample'
import { counted } from '#core/base/text/counted'
import type { RivalName } from './rival-forecasts.ts'
import { horizonName } from './score-table.ts'
import type { ValidatorTally } from './tally.ts'

/** Fewer stretches say nothing about how much they differ. */
const leastStretches = 3

/** One sentence for each length: whether the lead over the rival could be luck. */
export function howSure(tally: Pick<ValidatorTally, 'stretches'>, rival: RivalName = 'reference'): string[] {
  return tally.stretches(rival).flatMap(({ timeLengthSeconds, ours, theirs }) => {
    const count = ours.length
    if (count === 0) return []
    const name = horizonName(timeLengthSeconds)
    const over = rival === 'reference' ? '' : ` over ${rival}`
    const what = timeLengthSeconds >= 86_400 ? 'day' : 'round'
    if (count < leastStretches) {
      return `${name}: ${counted(count, what)} cannot show whether a lead${over} is luck; run it longer (--minutes).`
    }
    const { low, high } = interval(ours.map((value, i) => Math.log(value / theirs[i]!)))
    const range = `ours/${rival} is between ${low.toFixed(3)} and ${high.toFixed(3)} (95 %, ${counted(count, what)})`
    if (high < 1) return `${name}: ${range}: the lead is not luck in this market.`
    if (low > 1) return `${name}: ${range}: the lag is not luck in this market.`
    return `${name}: ${range}: it may be luck; run it longer (--minutes).`
  })
}

function interval(logs: readonly number[]): { readonly low: number; readonly high: number } {
  const count = logs.length
  const mean = logs.reduce((sum, value) => sum + value, 0) / count
  const variance = logs.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1)
  const width = studentWidth(0.95, count - 1) * Math.sqrt(variance / count)
  return { low: Math.exp(mean - width), high: Math.exp(mean + width) }
}
