import { instantSecondsOf, parsePythonDatetime } from '#core/base/time/python-datetime'
import type { AnswerCheckOrder, AnswerDigitRule } from '../regimes/regime.ts'
import { type JsonTape, jsonKind } from './answer-json.ts'
import { complaintAboutPoint } from './digit-rule.ts'
import { countAt, elementsOf, isArray, nextAfter, pythonTypeAt, textAt } from './json-tape.ts'
import { pythonNumberText } from './python-number.ts'

/** What the validator asked for. */
export interface AnswerRequest {
  readonly startTime: string
  readonly stepSeconds: number
  readonly timeLengthSeconds: number
  readonly pathCount: number
}

export interface AnswerRule {
  readonly digits: AnswerDigitRule
  readonly order: AnswerCheckOrder
}

export type PythonException = 'IndexError' | 'ValueError' | 'ZeroDivisionError'

export interface AnswerVerdict {
  readonly isCorrect: boolean
  /** The validator's own sentence; `CORRECT` when it accepts. */
  readonly message: string
  /** Set when the check itself raised an exception, which the validator stores as `error during validation`. */
  readonly raised?: PythonException
  /** The place in the answer: element, or path element and point. */
  readonly position?: readonly number[]
}

/**
 * The validator's check of one answer; it reports the first failure. `answer` is the entry of simulation_output.
 * `hasProcessTime` is false when the call timed out or failed.
 */
export function validateAnswer(
  tape: JsonTape,
  answer: number,
  request: AnswerRequest,
  rule: AnswerRule,
  hasProcessTime = true,
): AnswerVerdict {
  if (!hasProcessTime) return refuse('time out or internal server error (process time is None)')
  const start = parsePythonDatetime(request.startTime)
  if (start === null) return raise('ValueError')
  if (tape.kinds[answer] === jsonKind.null) return refuse('Response is empty')
  if (!isArray(tape, answer)) {
    return refuse(`Response format is incorrect: expected tuple or list, got <class '${pythonTypeAt(tape, answer)}'>`)
  }
  if (countAt(tape, answer) === 0) return refuse('Response is empty')
  return (
    checkHeader(tape, answer, instantSecondsOf(start), request.stepSeconds) ??
    checkPaths(tape, answer, request, rule) ?? { isCorrect: true, message: 'CORRECT' }
  )
}

function checkHeader(
  tape: JsonTape,
  answer: number,
  startAtSeconds: number,
  stepSeconds: number,
): AnswerVerdict | null {
  const start = answer + 1
  if (!isPythonInt(tape, start)) {
    return refuse(`Start time format is incorrect: expected int, got <class '${pythonTypeAt(tape, start)}'>`, [0])
  }
  if (countAt(tape, answer) < 2) return raise('IndexError')
  const increment = nextAfter(tape, start)
  if (!isPythonInt(tape, increment)) {
    const type = pythonTypeAt(tape, increment)
    return refuse(`Time increment format is incorrect: expected int, got <class '${type}'>`, [1])
  }
  if (!isInt(tape, start, startAtSeconds)) {
    const got = pythonTextAt(tape, start)
    return refuse(`Start time timestamp is incorrect: expected ${startAtSeconds}, got ${got}`, [0])
  }
  if (!isInt(tape, increment, stepSeconds)) {
    const got = pythonTextAt(tape, increment)
    return refuse(`Time increment is incorrect: expected ${stepSeconds}, got ${got}`, [1])
  }
  return null
}

function checkPaths(tape: JsonTape, answer: number, request: AnswerRequest, rule: AnswerRule): AnswerVerdict | null {
  const pathCount = countAt(tape, answer) - 2
  if (pathCount !== request.pathCount) {
    return refuse(`Number of paths is incorrect: expected ${request.pathCount}, got ${pathCount}`)
  }
  if (request.stepSeconds === 0) return raise('ZeroDivisionError')
  const pointCount = Math.floor(request.timeLengthSeconds / request.stepSeconds) + 1
  const paths = elementsOf(tape, answer).slice(2)
  switch (rule.order) {
    case 'pathByPath':
      return firstOf(
        paths,
        (path, at) => checkShape(tape, path, at, pointCount) ?? checkPoints(tape, path, at, rule.digits),
      )
    case 'shapesFirst':
      return (
        firstOf(paths, (path, at) => checkShape(tape, path, at, pointCount)) ??
        firstOf(paths, (path, at) => checkPoints(tape, path, at, rule.digits))
      )
  }
}

function checkShape(tape: JsonTape, path: number, at: number, pointCount: number): AnswerVerdict | null {
  if (!isArray(tape, path)) {
    return refuse(`Path format is incorrect: expected list, got <class '${pythonTypeAt(tape, path)}'>`, [at])
  }
  const got = countAt(tape, path)
  return got === pointCount
    ? null
    : refuse(`Number of time points is incorrect: expected ${pointCount}, got ${got}`, [at])
}

function checkPoints(tape: JsonTape, path: number, at: number, digits: AnswerDigitRule): AnswerVerdict | null {
  const end = nextAfter(tape, path)
  let index = 0
  for (let point = path + 1; point < end; point = nextAfter(tape, point)) {
    const complaint = complaintAboutPoint(tape, point, digits)
    if (complaint !== null) return refuse(`Price format is incorrect: ${complaint}`, [at, index])
    index += 1
  }
  return null
}

/** First verdict over the paths; `at` is the path's element of the answer, so it begins at 2. */
function firstOf(
  paths: readonly number[],
  check: (path: number, at: number) => AnswerVerdict | null,
): AnswerVerdict | null {
  for (const [index, path] of paths.entries()) {
    const verdict = check(path, index + 2)
    if (verdict !== null) return verdict
  }
  return null
}

function isPythonInt(tape: JsonTape, entry: number): boolean {
  const kind = tape.kinds[entry]
  // A Python bool is an int: `true` passes here and fails on its value, unless 1 is expected.
  return kind === jsonKind.int || kind === jsonKind.true || kind === jsonKind.false
}

function isInt(tape: JsonTape, entry: number, expected: number): boolean {
  const kind = tape.kinds[entry]
  if (kind === jsonKind.true) return expected === 1
  if (kind === jsonKind.false) return expected === 0
  // Compared as text: two large ints may be the same double.
  return pythonNumberText(textAt(tape, entry)) === String(expected)
}

function pythonTextAt(tape: JsonTape, entry: number): string {
  const kind = tape.kinds[entry]
  if (kind === jsonKind.true) return 'True'
  if (kind === jsonKind.false) return 'False'
  return pythonNumberText(textAt(tape, entry))
}

function refuse(message: string, position?: readonly number[]): AnswerVerdict {
  return { isCorrect: false, message, ...(position === undefined ? {} : { position }) }
}

function raise(raised: PythonException): AnswerVerdict {
  return { isCorrect: false, message: 'error during validation', raised }
}
