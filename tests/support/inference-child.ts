/** A miner with a model that never ends its run, for the test that kills it: prints the inference process's id. */
import { systemClock } from '#adapters/clock/system-clock'
import { ProcessRuntime } from '#adapters/onnx/process-runtime'
import { fileHash } from '#tests/support/onnx-models'
import { TestLogger } from '#tests/support/test-logger'

const path = process.argv[2]!
const sha256 = fileHash(path)
const runtime = new ProcessRuntime({ clock: systemClock, log: new TestLogger() })
const opened = await runtime.open({ path, sha256 })
if (!opened.ok) throw new Error(opened.reason)
const inputs = [{ name: 'past', dims: [1, 12, 3], values: new Float32Array(36) }]
const running = runtime.run({ sha256, inputs, outputs: ['log_variance'], deadlineMs: 60_000 })
process.stdout.write(`${runtime.pid}\n`)
await running
