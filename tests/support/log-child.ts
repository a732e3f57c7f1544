/** Logs to standard output faster than anybody reads, then uses Node's pool of threads; says on standard error how it went. */
import { lookup } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { openLog } from '#adapters/log/pino-logger'

const lines = 5_000
const { log, health, close } = openLog({ level: 'info', program: 'child', output: { kind: 'stream', fd: 1 } })
const filler = 'x'.repeat(1_000)
let slowestMs = 0
for (let i = 0; i < lines; i += 1) {
  const beganAtMs = performance.now()
  log.info({ event: 'test.said', i, filler }, 'A line')
  slowestMs = Math.max(slowestMs, performance.now() - beganAtMs)
}
const bytes = Buffer.alloc(1_000_000, filler)
const work = Array.from({ length: 8 }, () => [
  promisify(gzip)(bytes),
  readFile(import.meta.filename),
  lookup('localhost'),
])
await Promise.all(work.flat())
const { sentence } = health()
await close()
process.stderr.write(JSON.stringify({ slowestMs, sentence }))
