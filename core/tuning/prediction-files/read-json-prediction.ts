import { z } from 'zod'
import { instantSecondsOf, parsePythonDatetime } from '#core/base/time/python-datetime'
import { readFastPaths } from '#core/synth/scoring/fast-paths'
import type { FileContent, FileReading } from './prediction-file.ts'

const Input = z.object({
  asset: z.string().min(1),
  start_time: z.string(),
  time_increment: z.int().positive(),
  time_length: z.int().positive(),
})

/** A data frame's worth of paths with its question beside it, as notebooks write it. */
const Flat = z.object({
  start_timestamp: z.number().optional(),
  asset: z.string().min(1).optional(),
  time_increment: z.int().positive().optional(),
  time_length: z.int().positive().optional(),
})

/**
 * The four shapes of a JSON file: the answer `[start, increment, path, …]`; the whole synapse object; and the two of the
 * subnet team's backtester, `{"paths": [path, …], …}` and `{"simulation_input": {…}, "prediction": [meta, meta, path, …]}`.
 * Undefined for any other, which only the careful reader can explain.
 */
export function readJsonPrediction(bytes: Uint8Array): (FileReading & { kind: 'paths' }) | undefined {
  const fast = readFastPaths(bytes)
  if (fast === undefined) return undefined
  const { paths, isShort } = fast
  if (fast.member === null || fast.member === 'simulation_output') {
    const [startAtSeconds, stepSeconds] = fast.header.map(wholeNumber)
    if (fast.header.length !== 2 || startAtSeconds === undefined || stepSeconds === undefined) return undefined
    const own: FileContent['prompt'] | undefined = fast.member === null ? {} : readInput(fast.members)
    // A header that contradicts the question is for the validator's own check.
    if (own === undefined || (own.startAtMs ?? startAtSeconds * 1000) !== startAtSeconds * 1000) return undefined
    if ((own.stepSeconds ?? stepSeconds) !== stepSeconds) return undefined
    const prompt = {
      startAtMs: startAtSeconds * 1000,
      timeLengthSeconds: (paths.pointCount - 1) * stepSeconds,
      stepSeconds,
      ...own,
    }
    return { kind: 'paths', prompt, paths, isAnswer: true, isShort }
  }
  if (fast.member === 'prediction') {
    const prompt = readInput(fast.members)
    return prompt === undefined ? undefined : { kind: 'paths', prompt, paths, isAnswer: false, isShort }
  }
  const flat = Flat.safeParse(Object.fromEntries([...fast.members].flatMap(([name, text]) => parsed(name, text))))
  if (fast.header.length > 0 || !flat.success) return undefined
  const { asset, start_timestamp: start, time_length: length, time_increment: step } = flat.data
  const prompt = {
    ...(asset === undefined ? {} : { asset }),
    ...(start === undefined ? {} : { startAtMs: start * 1000 }),
    ...(length === undefined ? {} : { timeLengthSeconds: length }),
    ...(step === undefined ? {} : { stepSeconds: step }),
  }
  return { kind: 'paths', prompt, paths, isAnswer: false, isShort }
}

function readInput(members: ReadonlyMap<string, string>) {
  const text = members.get('simulation_input')
  const input = text === undefined ? undefined : Input.safeParse(parsed('input', text)[0]?.[1])
  const start = input?.success ? parsePythonDatetime(input.data.start_time) : null
  if (!input?.success || start === null) return undefined
  const { asset, time_length: timeLengthSeconds, time_increment: stepSeconds } = input.data
  return { asset, timeLengthSeconds, stepSeconds, startAtMs: instantSecondsOf(start) * 1000 }
}

function parsed(name: string, text: string): [string, unknown][] {
  try {
    return [[name, JSON.parse(text)]]
  } catch {
    return []
  }
}

function wholeNumber(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) && !/^0\d/.test(text) ? Number(text) : undefined
}
