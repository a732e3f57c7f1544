/**
 * The inference process: the only place that loads onnxruntime. It is a process and not a thread, because a thread
 * inside the library cannot be stopped: `terminate()` waits until the run is over, and a graph that loops never ends. A
 * crash in native code ends this process and not the miner, and its memory is separate from the miner's.
 */
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { Worker } from 'node:worker_threads'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { readFileFormat } from '#core/forecast/models/onnx/file-format'
import type { NamedTensor, TensorShape } from '#core/forecast/models/onnx/inference-runtime'
import { systemClock } from '../clock/system-clock.ts'
import type { ProcessQuestion, ProcessReply } from './messages.ts'

const sessions = new Map<string, InferenceSession>()

const options: InferenceSession.SessionOptions = {
  executionProviders: ['cpu'],
  // More threads do not make small models faster; they make their slowest runs ten times slower.
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  logSeverityLevel: 3,
}

async function answer(question: ProcessQuestion): Promise<ProcessReply> {
  switch (question.kind) {
    case 'open':
      return open(question)
    case 'run':
      return run(question)
    case 'release':
      await sessions.get(question.sha256)?.release()
      sessions.delete(question.sha256)
      return { kind: 'released' }
  }
}

async function open({ path, sha256, maxBytes }: Extract<ProcessQuestion, { kind: 'open' }>): Promise<ProcessReply> {
  let bytes: Uint8Array
  try {
    const { size } = await stat(path)
    if (size > maxBytes) {
      return { kind: 'refused', problem: 'tooLarge', reason: `${path} has ${size} bytes, the limit is ${maxBytes}` }
    }
    bytes = await readFile(path)
  } catch (error) {
    return { kind: 'refused', problem: 'missing', reason: `${path} cannot be read: ${messageOf(error)}` }
  }
  if (bytes.length === 0) return { kind: 'refused', problem: 'empty', reason: `${path} is empty` }
  const found = createHash('sha256').update(bytes).digest('hex')
  if (found !== sha256) {
    const reason = `${path} has the hash ${found.slice(0, 12)}…, the manifest says ${sha256.slice(0, 12)}…`
    return { kind: 'refused', problem: 'wrongHash', reason }
  }
  const format = readFileFormat(bytes)
  if (format === undefined)
    return { kind: 'refused', problem: 'unreadable', reason: `${path} is not an ONNX file, or it is cut` }
  const startedMs = systemClock.monotonicMs()
  try {
    // From the exact bytes that were hashed; a graph with weights in other files cannot find them and is refused.
    const session = await InferenceSession.create(bytes, options)
    await sessions.get(sha256)?.release()
    sessions.set(sha256, session)
    return {
      kind: 'opened',
      sizeBytes: bytes.length,
      format,
      inputs: session.inputMetadata.map(shapeOf),
      outputs: session.outputMetadata.map(shapeOf),
      openMs: systemClock.monotonicMs() - startedMs,
    }
  } catch (error) {
    return { kind: 'refused', problem: 'unreadable', reason: `${path}: ${messageOf(error)}` }
  }
}

async function run({ sha256, inputs, outputs }: Extract<ProcessQuestion, { kind: 'run' }>): Promise<ProcessReply> {
  const session = sessions.get(sha256)
  if (session === undefined) return { kind: 'refused', problem: 'threw', reason: 'the model is not open' }
  const feeds = Object.fromEntries(inputs.map(({ name, dims, values }) => [name, new Tensor(values, dims)]))
  const startedMs = systemClock.monotonicMs()
  try {
    const results = await session.run(feeds, outputs)
    const durationMs = systemClock.monotonicMs() - startedMs
    return { kind: 'ran', outputs: outputs.flatMap((name) => tensorOf(name, results[name])), durationMs }
  } catch (error) {
    return { kind: 'refused', problem: 'threw', reason: messageOf(error) }
  }
}

/** Other types are left out; the reader of the answer then misses them. */
function tensorOf(name: string, tensor: Tensor | undefined): NamedTensor[] {
  const values = tensor?.data
  const isReal = values instanceof Float32Array || values instanceof Float64Array
  return tensor !== undefined && isReal ? [{ name, dims: tensor.dims, values }] : []
}

function shapeOf(metadata: InferenceSession.ValueMetadata): TensorShape {
  return metadata.isTensor
    ? { name: metadata.name, type: metadata.type, dims: [...metadata.shape] }
    : { name: metadata.name, type: 'no tensor', dims: [] }
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!.slice(0, 500)
}

/**
 * Ends this process when the miner is gone or when a model takes all memory. It must work while the main thread is
 * inside the library, so it is a thread. It is text, because a separate file would load the source loader a second
 * time.
 */
const watch = `
  const { writeSync } = require('node:fs')
  const { workerData } = require('node:worker_threads')
  setInterval(() => {
    const isOrphan = process.ppid !== workerData.parent
    const isFull = process.memoryUsage.rss() > workerData.maxRssBytes
    if (isFull) writeSync(2, 'took more than ' + workerData.maxRssBytes + ' bytes of memory')
    if (isOrphan || isFull) process.kill(process.pid, 'SIGKILL')
  }, 100)`

const maxRssBytes = Number(process.argv[2])
new Worker(watch, { eval: true, execArgv: [], workerData: { parent: process.ppid, maxRssBytes } }).unref()
try {
  // When memory is short, the kernel should choose this process before the miner.
  writeFileSync('/proc/self/oom_score_adj', '500')
} catch {
  // Only Linux has it.
}
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
// Ctrl-C in a terminal reaches the whole group; the miner stops this process when it no longer needs it.
process.on('SIGINT', () => {})
process.on('message', (question: ProcessQuestion) => {
  void answer(question).then((reply) => process.send?.(reply))
})
