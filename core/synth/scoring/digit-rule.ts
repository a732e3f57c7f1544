import type { AnswerDigitRule } from '../regimes/regime.ts'
import { type JsonTape, jsonKind } from './answer-json.ts'
import { pythonTypeAt, textAt } from './json-tape.ts'
import { countPythonCharacters, isIntToken, pythonNumberText } from './python-number.ts'

/** Whether one point of a path satisfies the rule: null, or the validator's own message. */
export function complaintAboutPoint(tape: JsonTape, entry: number, rule: AnswerDigitRule): string | null {
  if (isShortDecimal(tape, entry)) return null
  const kind = tape.kinds[entry]
  if (kind === jsonKind.int || kind === jsonKind.float) return complaintAboutToken(textAt(tape, entry), rule)
  // A Python bool is an int; only the newer rule tells them apart.
  const isBool = kind === jsonKind.true || kind === jsonKind.false
  if (isBool && rule === 'chars8') return null
  return `expected int or float, got <class '${pythonTypeAt(tape, entry)}'>`
}

/** Applies the rule to the text of one JSON number; NaN and ±Infinity are included. */
export function complaintAboutToken(token: string, rule: AnswerDigitRule): string | null {
  switch (rule) {
    case 'chars8':
      return countPythonCharacters(token) <= 8 ? null : `too many digits ${pythonNumberText(token)}`
    case 'sigDigits8':
      return complaintAboutSignificance(token)
  }
}

function complaintAboutSignificance(token: string): string | null {
  const value = Number(token)
  if (!Number.isFinite(value)) {
    // An integer beyond the range of a double cannot be converted; the validator reports that as digits.
    return isIntToken(token) ? `too many digits ${token}` : `non-finite value ${pythonNumberText(token)}`
  }
  const stored = Math.fround(value)
  if (!Number.isFinite(stored)) return `exceeds float32 range ${pythonNumberText(token)}`
  if (stored === 0 && value !== 0) return `underflows float32 ${pythonNumberText(token)}`
  return Number(value.toExponential(7)) === value ? null : `too many digits ${pythonNumberText(token)}`
}

/**
 * At most eight characters of plain decimal satisfy both rules: Python's text is never longer than the token, and eight
 * digits of this size are well inside float32. Nearly every point ends here.
 */
function isShortDecimal(tape: JsonTape, entry: number): boolean {
  const kind = tape.kinds[entry]
  if (kind !== jsonKind.int && kind !== jsonKind.float) return false
  const start = tape.starts[entry] as number
  const end = tape.ends[entry] as number
  if (end - start > 9) return false
  let points = 0
  for (let at = start; at < end; at += 1) {
    const character = tape.text.charCodeAt(at)
    if (character === 46) points += 1
    else if (character !== 45 && (character < 48 || character > 57)) return false
  }
  return end - start - points <= 8
}
