import { describe, expect, it } from 'vitest'
import { coerceAsWireModel } from '#tests/support/subnet/wire-model'
import { readJson } from './answer-json.ts'
import { type AnswerRequest, type AnswerRule, validateAnswer } from './answer-validation.ts'

const request: AnswerRequest = {
  startTime: '2026-05-29T12:02:00+00:00',
  stepSeconds: 300,
  timeLengthSeconds: 600,
  pathCount: 2,
}
const may: AnswerRule = { digits: 'chars8', order: 'pathByPath' }
const july: AnswerRule = { digits: 'sigDigits8', order: 'shapesFirst' }

function tapeOf(text: string) {
  const reading = readJson(text)
  if (!reading.ok) throw new Error(reading.problem.message)
  return reading.tape
}

const validate = (paths: string, rule: AnswerRule) =>
  validateAnswer(tapeOf(`[1780056120,300,${paths}]`), 0, request, rule)

describe('validateAnswer', () => {
  it('accepts an answer that fits the request', () => {
    expect(validate('[1,2,3],[1.5,2.5,3.5]', may)).toStrictEqual({ isCorrect: true, message: 'CORRECT' })
  })

  it('finishes one path before it looks at the next, or all shapes before any point', () => {
    const paths = '[1.23456789,2,3],[1]'
    expect(validate(paths, may)).toMatchObject({ message: 'Price format is incorrect: too many digits 1.23456789' })
    expect(validate(paths, july)).toMatchObject({ message: 'Number of time points is incorrect: expected 3, got 1' })
  })

  it('says where in the answer the first offender stands', () => {
    expect(validate('[1,2,3],[1,2,123456789]', july).position).toEqual([3, 2])
    expect(validate('[1,2,3],7', july).position).toEqual([3])
  })

  it('judges an int and a float of the same value by their text', () => {
    expect(validate('[12345678,2,3],[1,2,3]', may).isCorrect).toBe(true)
    expect(validate('[12345678.0,2,3],[1,2,3]', may).isCorrect).toBe(false)
    expect(validate('[12345678.0,2,3],[1,2,3]', july).isCorrect).toBe(true)
  })

  it('takes a boolean for a number only under the older rule', () => {
    expect(validate('[true,2,3],[1,2,3]', may).isCorrect).toBe(true)
    expect(validate('[true,2,3],[1,2,3]', july).message).toContain("got <class 'bool'>")
  })

  it('compares a header int by its digits: two large ints may be one double', () => {
    const large = { ...request, startTime: '2026-05-29T12:02:00+00:00', stepSeconds: 9007199254740992 }
    const tape = tapeOf('[1780056120,9007199254740993,[1],[1]]')
    expect(validateAnswer(tape, 0, large, may).message).toContain('got 9007199254740993')
  })

  it('names the exception where the check itself would raise', () => {
    expect(validateAnswer(tapeOf('[1780056120]'), 0, request, may).raised).toBe('IndexError')
    expect(validateAnswer(tapeOf('[]'), 0, { ...request, startTime: 'soon' }, may).raised).toBe('ValueError')
    const still = { ...request, stepSeconds: 0 }
    expect(validateAnswer(tapeOf('[1780056120,0,[1],[1]]'), 0, still, may).raised).toBe('ZeroDivisionError')
  })

  it('puts the missing answer before everything else', () => {
    expect(validateAnswer(tapeOf('null'), 0, { ...request, startTime: 'soon' }, may, false).message).toContain(
      'time out',
    )
  })
})

describe('coerceAsWireModel', () => {
  const coerced = (text: string): string => {
    const result = coerceAsWireModel(tapeOf(text), 0)
    return result.tape.text
  }

  it('reads numeric texts and booleans as numbers, and whole header floats as ints', () => {
    expect(coerced('[1780056120.0,"300",["100.5"," 12 ",true,"1e3","NaN","-0.0","1_000"]]')).toBe(
      '[1780056120,300,[100.5,12,1,1000.0,NaN,0,1000]]',
    )
  })

  it.each(['[1,2,["x"],["3"]]', '[1.5,2,["3"]]', '[1,2,["3",null]]', '[1,2,{"a":1},["3"]]', '"3"'])(
    'leaves %s as it came, since one value cannot be read',
    (text) => expect(coerced(text)).toBe(text),
  )

  it('takes underscores as the model does: anywhere but first, last or doubled, and without blanks around', () => {
    expect(coerced('[1,2,["1_0.5","00__5"]]')).toBe('[1,2,[10.5,5]]')
    for (const text of ['"1__0.5"', '" 1_0.5"', '"1_"']) expect(coerced(`[1,2,[${text}]]`)).toContain(text)
  })

  it('does not touch a clean answer', () => {
    const tape = tapeOf('[1,2,[100.0,1e5]]')
    expect(coerceAsWireModel(tape, 0)).toEqual({ tape, answer: 0 })
  })

  it('turns a number outside the list into an int, and fails later on its type', () => {
    expect(coerced('[1,2,true]')).toBe('[1,2,1]')
    expect(coerced('[1e19,2,["3"]]')).toBe('[1e19,2,["3"]]')
  })
})
