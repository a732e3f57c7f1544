import { instantSecondsOf, parsePythonDatetime, utcText } from '#core/base/time/python-datetime'
import { jsonKind } from '#core/synth/scoring/answer-json'
import { pathMatrixOf } from '#core/synth/scoring/answer-paths'
import { type AnswerRequest, type AnswerRule, validateAnswer } from '#core/synth/scoring/answer-validation'
import type { PathMatrix } from '#core/synth/scoring/crps'
import { countAt, elementsOf, isArray, memberOf, numberAt, pythonTypeAt, stringAt } from '#core/synth/scoring/json-tape'
import { badEntry, readSourceFile, type SourceFile } from './file-place.ts'

/** What was asked, as far as the file or its header says it. */
export interface FileQuestion {
  readonly asset: string | null
  readonly startTime: string
  readonly startAtSeconds: number
  readonly timeLengthSeconds: number
  /** Null when only the header states it: then the rules decide whether it is right. */
  readonly stepSeconds: number | null
  readonly pathCount: number
}

export interface PredictionFile extends SourceFile {
  /** Entry of simulation_output, and its place in JSON's own notation. */
  readonly answer: number
  readonly path: string
  readonly question: FileQuestion
}

/** The plain answer `[start, increment, path, …]`, or the whole object with simulation_input and simulation_output. */
export function readPredictionFile(name: string, text: string): PredictionFile {
  const file = readSourceFile(name, text)
  if (isArray(file.tape, 0)) return { ...file, answer: 0, path: '$', question: questionOfHeader(file) }
  const answer = memberOf(file.tape, 0, 'simulation_output')
  if (answer === null) {
    const wanted = 'a list [start, increment, path, …] or an object with simulation_output was expected'
    throw badEntry(file, 0, '$', `${wanted}, not a ${pythonTypeAt(file.tape, 0)}.`)
  }
  const input = memberOf(file.tape, 0, 'simulation_input')
  if (input === null) throw badEntry(file, 0, '$', 'simulation_input is missing beside simulation_output.')
  return { ...file, answer, path: '$.simulation_output', question: questionOfInput(file, input) }
}

/** The paths, if the answer passes the validator's own check. */
export function readPaths(file: PredictionFile, stepSeconds: number, rule: AnswerRule): PathMatrix {
  const { tape, answer, question } = file
  const request: AnswerRequest = { ...question, stepSeconds }
  const verdict = validateAnswer(tape, answer, request, rule)
  if (!verdict.isCorrect) {
    const raised = verdict.raised === undefined ? '' : ` (${verdict.raised})`
    const { entry, path } = locate(file, verdict.position ?? [])
    throw badEntry(file, entry, path, `the validator refuses this answer: ${verdict.message}${raised}.`)
  }
  const paths = pathMatrixOf(tape, answer)
  if (paths === null) throw badEntry(file, answer, file.path, 'there is no path to score.')
  return paths
}

/** The first number that no price can be, and that the validator scores all the same; undefined if there is none. */
export function findImpossiblePrice(file: PredictionFile, { values, pointCount }: PathMatrix): string | undefined {
  const index = values.findIndex((price) => !Number.isFinite(price) || price < 0)
  if (index < 0) return undefined
  const { path } = locate(file, [2 + Math.floor(index / pointCount), index % pointCount])
  return `${path} is ${values[index]}, which is no price; the validator scores it as it is`
}

function locate(file: PredictionFile, position: readonly number[]): { entry: number; path: string } {
  let entry = file.answer
  let path = file.path
  for (const index of position) {
    entry = elementsOf(file.tape, entry)[index] as number
    path += `[${index}]`
  }
  return { entry, path }
}

function questionOfHeader(file: SourceFile): FileQuestion {
  const [start, increment, first] = elementsOf(file.tape, 0)
  const startAtSeconds = wholeNumber(file, start, '$[0]', 'the start, in whole seconds since 1970,')
  const stepSeconds = wholeNumber(file, increment, '$[1]', 'the increment in whole seconds')
  if (first === undefined || !isArray(file.tape, first)) {
    throw badEntry(file, first ?? 0, first === undefined ? '$' : '$[2]', 'a path, a list of prices, was expected.')
  }
  return {
    asset: null,
    startTime: utcText(startAtSeconds),
    startAtSeconds,
    timeLengthSeconds: Math.max(0, countAt(file.tape, first) - 1) * stepSeconds,
    stepSeconds: null,
    pathCount: countAt(file.tape, 0) - 2,
  }
}

function questionOfInput(file: SourceFile, input: number): FileQuestion {
  const at = (name: string): string => `$.simulation_input.${name}`
  const member = (name: string): number | undefined => memberOf(file.tape, input, name) ?? undefined
  const whole = (name: string): number => wholeNumber(file, member(name) ?? input, at(name), name)
  const text = (name: string): string => {
    const entry = member(name)
    if (entry !== undefined && file.tape.kinds[entry] === jsonKind.string) return stringAt(file.tape, entry)
    throw badEntry(file, entry ?? input, at(name), `${name}, a text, was expected.`)
  }
  const startTime = text('start_time')
  const start = parsePythonDatetime(startTime)
  if (start === null)
    throw badEntry(file, member('start_time') ?? input, at('start_time'), `"${startTime}" is not a time.`)
  return {
    asset: text('asset'),
    startTime,
    startAtSeconds: instantSecondsOf(start),
    timeLengthSeconds: whole('time_length'),
    stepSeconds: whole('time_increment'),
    pathCount: whole('num_simulations'),
  }
}

const latestStartSeconds = 253_402_300_799

function wholeNumber(file: SourceFile, entry: number | undefined, path: string, what: string): number {
  if (entry !== undefined && file.tape.kinds[entry] === jsonKind.int) {
    const value = numberAt(file.tape, entry)
    if (value >= 0 && value <= latestStartSeconds) return value
  }
  throw badEntry(file, entry ?? 0, path, `${what} was expected.`)
}
