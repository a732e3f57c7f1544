import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readJson } from '#core/synth/scoring/answer-json'
import { validateAnswer } from '#core/synth/scoring/answer-validation'
import { PathKernel } from '../paths/kernel/path-kernel.ts'
import { priceTextCapacity, roundToWritten, writePrices } from '../paths/write-prices.ts'
import { type ExpectedAnswer, findAnswerProblem, findAnswerProblemFast } from './check-answer-text.ts'

const kernel = new PathKernel()
const expected: ExpectedAnswer = {
  startAtSeconds: 1_779_710_460,
  stepSeconds: 300,
  pathCount: 3,
  pointCount: 4,
  startPrice: 103.25,
}
const request = {
  startTime: '2026-05-25T12:01:00+00:00',
  stepSeconds: 300,
  timeLengthSeconds: 900,
  pathCount: 3,
}

function write(values: number[], startPrice: number): Uint8Array {
  const shape = { pathCount: 3, pointCount: 4 }
  const prices = values.map((value, i) => (i % 4 === 0 ? startPrice : value))
  const bytes = new Uint8Array(priceTextCapacity(shape))
  const text = { ...shape, startAtSeconds: 1_779_710_460, stepSeconds: 300, values: Float64Array.from(prices) }
  const written = writePrices(bytes, 0, text)
  if (!written.ok) throw new Error(`${written.price} cannot be written.`)
  return bytes.subarray(0, written.end)
}

function check(text: Uint8Array, what = expected): string | undefined {
  const problem = findAnswerProblem(text, what)
  // The compiled reader must agree, or one of the two proves nothing.
  expect(findAnswerProblemFast(kernel, text, what)).toBe(problem)
  return problem
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** What the validator says under both of its digit rules. */
function verdicts(text: Uint8Array): string[] {
  const reading = readJson(Buffer.from(text).toString())
  if (!reading.ok) return ['not JSON']
  return (['chars8', 'sigDigits8'] as const).map(
    (digits) => validateAnswer(reading.tape, 0, request, { digits, order: 'shapesFirst' }).message,
  )
}

const price = fc.double({ min: 1e-6, max: 9e7, noNaN: true })

describe('the check of an answer', () => {
  it('lets every answer of the writer pass, whatever its prices', () => {
    fc.assert(
      fc.property(fc.array(price, { minLength: 12, maxLength: 12 }), price, (values, start) => {
        const startPrice = roundToWritten(start)!
        expect(check(write(values, startPrice), { ...expected, startPrice })).toBeUndefined()
      }),
    )
  })

  it('passes nothing that the validator would refuse by either rule', () => {
    const letters = [...'0123456789.,[]-+eE nN"'].map((letter) => letter.charCodeAt(0))
    const edit = fc.record({
      at: fc.nat(400),
      kind: fc.constantFrom('replace', 'insert', 'remove'),
      letter: fc.constantFrom(...letters),
    })
    let passed = 0
    fc.assert(
      fc.property(
        fc.array(price, { minLength: 12, maxLength: 12 }),
        fc.array(edit, { minLength: 1, maxLength: 3 }),
        (values, edits) => {
          const bytes = [...write(values, expected.startPrice)]
          for (const { at, kind, letter } of edits) {
            const index = at % bytes.length
            if (kind === 'remove') bytes.splice(index, 1)
            else bytes.splice(index, kind === 'replace' ? 1 : 0, letter)
          }
          const text = Uint8Array.from(bytes)
          if (check(text) !== undefined) return
          passed += 1
          expect(verdicts(text)).toEqual(['CORRECT', 'CORRECT'])
        },
      ),
      { numRuns: 3000 },
    )
    // Else the test would have said nothing: many an edit leaves a valid answer with one other digit.
    expect(passed).toBeGreaterThan(50)
  })

  const row = '[103.25,1,2,3]'
  const head = '[1779710460,300'
  it.each([
    ['a path too few', `${head},${row},${row}]`],
    ['a path too many', `${head},${row},${row},${row},${row}]`],
    ['a point too few', `${head},${row},[103.25,1,2],${row}]`],
    ['a point too many', `${head},${row},${row},[103.25,1,2,3,4]]`],
    ['another start time', `[1779710461,300,${row},${row},${row}]`],
    ['another step', `[1779710460,60,${row},${row},${row}]`],
    ['another first price', `${head},${row},[103.26,1,2,3],${row}]`],
    ['a first price that only begins alike', `${head},${row},[103.251,1,2,3],${row}]`],
    ['zero', `${head},${row},[103.25,1,0,3],${row}]`],
    ['zero in decimals', `${head},${row},[103.25,1,0.0,3],${row}]`],
    ['a negative price', `${head},${row},[103.25,1,-2,3],${row}]`],
    ['nine digits', `${head},${row},[103.25,1,123456789,3],${row}]`],
    ['nine digits below one', `${head},${row},[103.25,1,0.00012345,3],${row}]`],
    ['an exponent', `${head},${row},[103.25,1,1e-5,3],${row}]`],
    ['NaN', `${head},${row},[103.25,1,NaN,3],${row}]`],
    ['null', `${head},${row},[103.25,1,null,3],${row}]`],
    ['a leading zero', `${head},${row},[103.25,1,02,3],${row}]`],
    ['a naked point', `${head},${row},[103.25,1,.2,3],${row}]`],
    ['nothing after the point', `${head},${row},[103.25,1,2.,3],${row}]`],
    ['two points', `${head},${row},[103.25,1,2.3.4,3],${row}]`],
    ['a space', `${head},${row},[103.25, 1,2,3],${row}]`],
    ['something behind', `${head},${row},${row},${row}] `],
    ['a cut text', `${head},${row},${row},[103.25,1,2`],
    ['nothing', ''],
  ])('refuses %s', (_name, text) => {
    expect(check(bytesOf(`${head},${row},${row},${row}]`))).toBeUndefined()
    expect(check(bytesOf(text))).toEqual(expect.any(String))
  })
})
