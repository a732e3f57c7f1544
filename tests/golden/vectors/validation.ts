import { z } from 'zod'
import { readJson } from '#core/synth/scoring/answer-json'
import { type AnswerRule, type AnswerVerdict, validateAnswer } from '#core/synth/scoring/answer-validation'
import { coerceAsWireModel } from '#tests/support/subnet/wire-model'
import { firstDifference } from './compare.ts'
import { caseList, compareCases, defineSuite } from './suite.ts'

const validationCase = z.strictObject({
  id: z.string(),
  simulation_input: z.strictObject({
    asset: z.string(),
    start_time: z.string(),
    time_increment: z.number(),
    time_length: z.number(),
    num_simulations: z.number(),
  }),
  process_time: z.string().nullable(),
  output_json: z.string(),
  expected_direct: z.string(),
  expected_wire: z.string(),
})

const schema = z.strictObject({
  rule: z.literal('at most 8 significant digits').optional(),
  cases: caseList(validationCase),
})

const may: AnswerRule = { digits: 'chars8', order: 'pathByPath' }
const july: AnswerRule = { digits: 'sigDigits8', order: 'shapesFirst' }

export const validation = defineSuite(schema, ({ rule, cases }) => ({
  cases: compareCases(
    cases,
    ({ id }) => id,
    (item) => verdictDifference(item, rule === undefined ? may : july),
  ),
}))

function verdictDifference(item: z.output<typeof validationCase>, rule: AnswerRule): string | null {
  const reading = readJson(item.output_json)
  if (!reading.ok) return `the answer is not JSON: ${reading.problem.message}`
  const { start_time, time_increment, time_length, num_simulations } = item.simulation_input
  const request = {
    startTime: start_time,
    stepSeconds: time_increment,
    timeLengthSeconds: time_length,
    pathCount: num_simulations,
  }
  const hasProcessTime = item.process_time !== null
  const wire = coerceAsWireModel(reading.tape, 0)
  const actual = {
    direct: textOf(validateAnswer(reading.tape, 0, request, rule, hasProcessTime)),
    wire: textOf(validateAnswer(wire.tape, wire.answer, request, rule, hasProcessTime)),
  }
  return firstDifference(actual, { direct: item.expected_direct, wire: item.expected_wire })
}

function textOf(verdict: AnswerVerdict): string {
  return verdict.raised === undefined ? verdict.message : `!raises ${verdict.raised}`
}
