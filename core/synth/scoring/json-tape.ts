import { type JsonTape, jsonKind } from './answer-json.ts'
import { floatOfDecimalText } from './python-number.ts'

/** The text of an entry, exactly as in the document. */
export function textAt(tape: JsonTape, entry: number): string {
  return tape.text.slice(tape.starts[entry], tape.ends[entry])
}

export function isArray(tape: JsonTape, entry: number): boolean {
  return tape.kinds[entry] === jsonKind.array
}

export function countAt(tape: JsonTape, entry: number): number {
  return tape.counts[entry] as number
}

export function nextAfter(tape: JsonTape, entry: number): number {
  return tape.nexts[entry] as number
}

/** Entries of the elements of an array, in order. */
export function elementsOf(tape: JsonTape, entry: number): number[] {
  const elements: number[] = []
  const end = nextAfter(tape, entry)
  for (let element = entry + 1; element < end; element = nextAfter(tape, element)) elements.push(element)
  return elements
}

/** The value of a member, or null when the key is absent. If a key is repeated, the last one counts, as in Python. */
export function memberOf(tape: JsonTape, entry: number, key: string): number | null {
  if (tape.kinds[entry] !== jsonKind.object) return null
  let found: number | null = null
  const end = nextAfter(tape, entry)
  for (let at = entry + 1; at < end; at = nextAfter(tape, at + 1)) {
    if (stringAt(tape, at) === key) found = at + 1
  }
  return found
}

export function stringAt(tape: JsonTape, entry: number): string {
  return JSON.parse(textAt(tape, entry)) as string
}

/** The name of the entry's class in the validator's messages. */
export function pythonTypeAt(tape: JsonTape, entry: number): string {
  switch (tape.kinds[entry]) {
    case jsonKind.null:
      return 'NoneType'
    case jsonKind.true:
    case jsonKind.false:
      return 'bool'
    case jsonKind.int:
      return 'int'
    case jsonKind.float:
      return 'float'
    case jsonKind.string:
      return 'str'
    case jsonKind.array:
      return 'list'
    default:
      return 'dict'
  }
}

/**
 * The double of a number entry; NaN for anything else. Digits are collected by hand, because a slice per price would
 * take most of the time.
 */
export function numberAt(tape: JsonTape, entry: number): number {
  const kind = tape.kinds[entry]
  if (kind === jsonKind.true) return 1
  if (kind === jsonKind.false) return 0
  if (kind !== jsonKind.int && kind !== jsonKind.float) return Number.NaN
  const { text } = tape
  const end = tape.ends[entry] as number
  let at = tape.starts[entry] as number
  const isNegative = text.charCodeAt(at) === 45
  if (isNegative) at += 1
  // Up to fifteen digits over an exactly known power of ten round once, so the result is that of the full algorithm.
  if (end - at > 15) return floatOfDecimalText(textAt(tape, entry))
  let digits = 0
  let decimals = -1
  for (; at < end; at += 1) {
    const character = text.charCodeAt(at)
    if (character === 46) decimals = 0
    else if (character < 48 || character > 57) return floatOfDecimalText(textAt(tape, entry))
    else {
      digits = digits * 10 + (character - 48)
      if (decimals >= 0) decimals += 1
    }
  }
  const value = decimals > 0 ? digits / (powersOfTen[decimals] as number) : digits
  if (!isNegative) return value
  // The int -0 is plain zero in Python; the float -0.0 keeps its sign.
  return kind === jsonKind.int && value === 0 ? 0 : -value
}

const powersOfTen = Array.from({ length: 16 }, (_, exponent) => Number(`1e${exponent}`))

/** A small document as plain values, with NaN and the infinities as numbers. */
export function plainValueAt(tape: JsonTape, entry: number): unknown {
  switch (tape.kinds[entry]) {
    case jsonKind.null:
      return null
    case jsonKind.true:
      return true
    case jsonKind.false:
      return false
    case jsonKind.int:
    case jsonKind.float:
      return numberAt(tape, entry)
    case jsonKind.string:
      return stringAt(tape, entry)
    case jsonKind.array:
      return elementsOf(tape, entry).map((element) => plainValueAt(tape, element))
    default:
      return plainObjectAt(tape, entry)
  }
}

function plainObjectAt(tape: JsonTape, entry: number): Record<string, unknown> {
  const members = new Map<string, unknown>()
  const end = nextAfter(tape, entry)
  for (let at = entry + 1; at < end; at = nextAfter(tape, at + 1)) {
    members.set(stringAt(tape, at), plainValueAt(tape, at + 1))
  }
  // fromEntries defines keys, so a member called __proto__ stays data.
  return Object.fromEntries(members)
}
