import { z } from 'zod'
import { readJson } from '#core/synth/scoring/answer-json'
import { complaintAboutPoint, complaintAboutToken } from '#core/synth/scoring/digit-rule'
import { countPythonCharacters, isIntToken, pythonNumberText } from '#core/synth/scoring/python-number'
import { firstDifference } from './compare.ts'
import { compareCases, defineSuite } from './suite.ts'

const pynumberSchema = z.strictObject({
  columns: z.tuple([
    z.literal('json_token'),
    z.literal('python_type'),
    z.literal('python_str'),
    z.literal('chars_without_dots'),
    z.literal('accepted'),
  ]),
  tokens: z.array(z.tuple([z.string(), z.enum(['int', 'float']), z.string(), z.number(), z.boolean()])),
})

export const pynumber = defineSuite(pynumberSchema, ({ tokens }) => ({
  tokens: compareCases(
    tokens,
    ([token]) => token,
    ([token, ...expected]) => {
      const type = isIntToken(token) ? 'int' : 'float'
      const accepted = complaintAboutToken(token, 'chars8') === null
      if (accepted !== (complaintOf(token, 'chars8') === null)) return 'the point and its text are judged differently'
      return firstDifference([type, pythonNumberText(token), countPythonCharacters(token), accepted], expected)
    },
  ),
}))

const significantSchema = z.strictObject({
  columns: z.tuple([z.literal('json_token'), z.literal('accepted'), z.literal('reason')]),
  tokens: z.array(z.tuple([z.string(), z.boolean(), z.string().nullable()])),
})

export const significantDigits = defineSuite(significantSchema, ({ tokens }) => ({
  tokens: compareCases(
    tokens,
    ([token]) => token,
    ([token, accepted, reason]) => {
      const complaint = complaintOf(token, 'sigDigits8')
      const known = ['expected int or float', 'non-finite', 'exceeds float32', 'underflows float32', 'too many digits']
      const actual = complaint === null ? null : (known.find((text) => complaint.startsWith(text)) ?? complaint)
      return firstDifference([complaint === null, actual], [accepted, reason])
    },
  ),
}))

function complaintOf(token: string, rule: 'chars8' | 'sigDigits8'): string | null {
  const reading = readJson(token)
  if (!reading.ok) throw new Error(reading.problem.message)
  return complaintAboutPoint(reading.tape, 0, rule)
}
