/**
 * What the validator's wire model does to an answer before any check. If the whole answer can be read as ints and lists
 * of numbers, numeric strings and booleans become numbers, and integral floats in the header become ints. One value
 * that cannot be read leaves everything unchanged.
 */
import { type JsonTape, jsonKind, readJson } from '#core/synth/scoring/answer-json'
import { elementsOf, isArray, stringAt, textAt } from '#core/synth/scoring/json-tape'
import { floatOfDecimalText, pythonFloatText } from '#core/synth/scoring/python-number'

/** The answer after the wire model, as an entry of a tape: the given one if nothing changes. */
export function coerceAsWireModel(tape: JsonTape, answer: number): { tape: JsonTape; answer: number } {
  const coerced = coercedText(tape, answer)
  if (coerced === null) return { tape, answer }
  const reading = readJson(coerced)
  if (!reading.ok) throw new Error(`the coerced answer is not JSON: ${reading.problem.message}`)
  return { tape: reading.tape, answer: 0 }
}

/** Null when the answer stays unchanged, whether it is clean or cannot be read. */
function coercedText(tape: JsonTape, answer: number): string | null {
  if (!isArray(tape, answer) || !mayChange(tape, answer)) return null
  const elements: string[] = []
  for (const element of elementsOf(tape, answer)) {
    const text = isArray(tape, element) ? coercedPath(tape, element) : coercedHeader(tape, element)
    if (text === null) return null
    elements.push(text)
  }
  return `[${elements.join(',')}]`
}

function mayChange(tape: JsonTape, answer: number): boolean {
  const end = tape.nexts[answer] as number
  for (let entry = answer + 1; entry < end; entry += 1) {
    const kind = tape.kinds[entry]
    if (kind === jsonKind.string || kind === jsonKind.true || kind === jsonKind.false) return true
  }
  return elementsOf(tape, answer).some((element) => tape.kinds[element] === jsonKind.float)
}

function coercedPath(tape: JsonTape, path: number): string | null {
  const points: string[] = []
  for (const point of elementsOf(tape, path)) {
    const text = coercedPoint(tape, point)
    if (text === null) return null
    points.push(text)
  }
  return `[${points.join(',')}]`
}

function coercedPoint(tape: JsonTape, point: number): string | null {
  switch (tape.kinds[point]) {
    case jsonKind.int:
    case jsonKind.float:
      return textAt(tape, point)
    case jsonKind.true:
      return '1'
    case jsonKind.false:
      return '0'
    case jsonKind.string: {
      const text = stringAt(tape, point)
      return intFromText(text) ?? floatFromText(text)
    }
    default:
      return null
  }
}

function coercedHeader(tape: JsonTape, element: number): string | null {
  switch (tape.kinds[element]) {
    case jsonKind.int:
      return textAt(tape, element)
    case jsonKind.true:
      return '1'
    case jsonKind.false:
      return '0'
    case jsonKind.float:
      return intFromFloat(Number(textAt(tape, element)))
    case jsonKind.string:
      return intFromText(stringAt(tape, element))
    default:
      return null
  }
}

/** Whole floats inside the range of a signed 64-bit integer, both ends excluded. */
function intFromFloat(value: number): string | null {
  return Number.isInteger(value) && Math.abs(value) < 2 ** 63 ? BigInt(value).toString() : null
}

/** Blanks around, a sign, leading zeros with any underscores, single ones between digits, a fraction of zeros. */
function intFromText(text: string): string | null {
  const trimmed = trimBlanks(text)
  const match = /^([+-]?)(?:0[0_]*(?=\d))?(\d+(?:_\d+)*)(?:\.0+)?$/.exec(trimmed)
  if (match === null || trimmed.length > 4300) return null
  const digits = (match[2] as string).replaceAll('_', '').replace(/^0+(?=\d)/, '')
  return match[1] === '-' && digits !== '0' ? `-${digits}` : digits
}

const decimalText = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$|^[+-]?(?:inf|infinity|nan)$/i

function floatFromText(text: string): string | null {
  const trimmed = trimBlanks(text)
  if (decimalText.test(trimmed)) return jsonFloat(floatOfDecimalText(trimmed))
  // Underscores may be anywhere except first, last or doubled; then blanks around are not allowed.
  if (/^_|_$|__/.test(text)) return null
  const bare = text.replaceAll('_', '')
  return decimalText.test(bare) ? jsonFloat(floatOfDecimalText(bare)) : null
}

/** A token that reads back as this float, never as an int. */
function jsonFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity'
  return pythonFloatText(value)
}

/** Unicode white space, which differs from what JavaScript's trim() removes: U+0085 counts, U+FEFF does not. */
function trimBlanks(text: string): string {
  return text.replace(/^[\p{White_Space}]+|[\p{White_Space}]+$/gu, '')
}
