/** What the miner says of times, under the time zone of this process; then a replay (replay-child.ts), with its arguments. */
import { createCronSchedule } from '#adapters/clock/cron-schedule'
import { eventsOn, newYorkDay } from '#core/base/time/american-calendar'
import { formatMinute } from '#core/base/time/instant-text'
import { newYorkOffsetMs } from '#core/base/time/new-york'
import { dayMs, hourMs } from '#core/base/time/units'
import { parseStartTime, startTimeText } from '#core/synth/prompts/start-time'
import { calibratedForecast } from './calibrated-forecast.ts'
import { TestLogger } from './test-logger.ts'

const texts = [
  '2026-11-01T01:30:00',
  '2026-11-01T06:30:00Z',
  '2026-11-01T01:30:00-04:00',
  '2026-11-01T12:15:00+05:45',
  '2026-03-08T02:30:00',
  '2026-09-27T02:45:00+12:45',
]
const fromMs = Date.UTC(2026, 0, 1)
const hours = Array.from({ length: 365 * 24 }, (_, hour) => fromMs + hour * hourMs)
const days = Array.from({ length: 365 }, (_, day) => fromMs + day * dayMs)
const { lastDueMs } = createCronSchedule({ log: new TestLogger() })
const said = {
  starts: texts.map((text) => parseStartTime(text)),
  startTexts: hours.filter((_, i) => i % 7 === 0).map((atMs) => startTimeText(atMs / 1000)),
  minutes: hours.filter((_, i) => i % 7 === 0).map(formatMinute),
  newYork: hours.map(newYorkOffsetMs),
  events: days.map((atMs) => eventsOn(newYorkDay(atMs))),
  due: days.filter((_, i) => i % 7 === 0).map((atMs) => lastDueMs('30 */2 * * *', atMs)),
  forecast: calibratedForecast('BTC', 'low'),
}
process.stdout.write(
  `${JSON.stringify(said, (_, value: unknown) => (ArrayBuffer.isView(value) ? [...(value as Float64Array)] : value))}\n`,
)
await import('./replay-child.ts')
