// Loaded before a program that runs beside a market stand-in (node --import): its wall clock is that of the market.
// MARKET_TIME is the market's time, the real time then, and the market's speed.
import { isMainThread } from 'node:worker_threads'

const [marketMs, realMs, speed] = (process.env['MARKET_TIME'] ?? '').split(' ').map(Number)

if (isMainThread && speed !== undefined) {
  const now = Date.now
  Date.now = () => Math.floor(marketMs + (now() - realMs) * speed)
}
