/**
 * Our own version of the validator's checks, on the exact bytes that will be sent, and stricter than any version of the
 * original. It checks the header, the number of paths and points, and of each price that it is a plain decimal above
 * zero with at most eight digits, leading zeros included. This satisfies both the rule of characters and the rule of
 * significant digits, and such a number is always finite. Every path must start with the same price.
 */
export interface ExpectedAnswer {
  readonly startAtSeconds: number
  readonly stepSeconds: number
  readonly pathCount: number
  readonly pointCount: number
  readonly startPrice: number
}

/** The compiled reader of rows (../paths/kernel/). */
export interface RowReader {
  areRowsRight(rows: Uint8Array, shape: { pathCount: number; pointCount: number }, start: string): boolean
}

/** Same result as `findAnswerProblem`, in a fifth of the time when there is no problem. */
export function findAnswerProblemFast(
  reader: RowReader,
  text: Uint8Array,
  expected: ExpectedAnswer,
): string | undefined {
  const head = headOf(expected)
  const isRight =
    startsWith(text, head) && reader.areRowsRight(text.subarray(head.length), expected, `${expected.startPrice}`)
  if (isRight) return undefined
  return findAnswerProblem(text, expected) ?? 'refused by the compiled check only'
}

/** Undefined: correct. Otherwise the first problem, and where it is. */
export function findAnswerProblem(text: Uint8Array, expected: ExpectedAnswer): string | undefined {
  const { pathCount, pointCount, startPrice } = expected
  const head = headOf(expected)
  if (!startsWith(text, head)) return `does not begin with ${head}`
  const first = `${startPrice}`
  let at = head.length
  for (let path = 0; path < pathCount; path += 1) {
    if (text[at] !== comma || text[at + 1] !== openBracket) return `path ${path} does not begin`
    at += 2
    if (!isAt(text, at, first)) return `path ${path} does not start from ${first}`
    for (let point = 0; point < pointCount; point += 1) {
      const end = endOfPrice(text, at)
      if (end < 0) return `point ${point} of path ${path} is not a price`
      const follows = point + 1 < pointCount ? comma : closeBracket
      if (text[end] !== follows) return `path ${path} does not have ${pointCount} points`
      at = end + 1
    }
  }
  if (text[at] !== closeBracket) return `more or fewer than ${pathCount} paths`
  return at + 1 === text.length ? undefined : 'something follows the paths'
}

function headOf({ startAtSeconds, stepSeconds }: ExpectedAnswer): string {
  return `[${startAtSeconds},${stepSeconds}`
}

function startsWith(text: Uint8Array, head: string): boolean {
  for (let i = 0; i < head.length; i += 1) if (text[i] !== head.charCodeAt(i)) return false
  return true
}

const comma = 0x2c
const point = 0x2e
const zero = 0x30
const nine = 0x39
const openBracket = 0x5b
const closeBracket = 0x5d
const mostDigits = 8

/** The complete `text`, and no further digit of a number after it. */
function isAt(bytes: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i += 1) if (bytes[at + i] !== text.charCodeAt(i)) return false
  const next = bytes[at + text.length]
  return next === comma || next === closeBracket
}

/** The end of the price that begins at `at`; -1 if there is no price or it is not allowed. */
function endOfPrice(text: Uint8Array, at: number): number {
  let end = at
  let digits = 0
  let pointAt = -1
  let isPositive = false
  for (; ; end += 1) {
    const character = text[end]!
    if (character >= zero && character <= nine) {
      digits += 1
      if (character > zero) isPositive = true
    } else if (character === point && pointAt < 0) {
      pointAt = end
    } else {
      break
    }
  }
  const wholeDigits = pointAt < 0 ? digits : pointAt - at
  const isPlain = wholeDigits > 0 && pointAt !== end - 1 && !(wholeDigits > 1 && text[at] === zero)
  return isPlain && isPositive && digits <= mostDigits ? end : -1
}
