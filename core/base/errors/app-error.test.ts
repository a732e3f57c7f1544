import { describe, expect, it } from 'vitest'
import { AppError, describeError, StoreError } from './app-error.ts'
import { errorTable } from './codes.ts'

describe('describeError', () => {
  it('tells a person what is wrong and what to do, without a stack', () => {
    const { text, exitCode } = describeError(new AppError('CONFIG_INVALID', 'axon.port: too big.'))
    expect(text).toBe(`CONFIG_INVALID: axon.port: too big.\n  ${errorTable.CONFIG_INVALID.action}`)
    expect(exitCode).toBe(78)
  })
  it('shows the stack of an error that nobody expected', () => {
    const { text, exitCode } = describeError(new TypeError('x is not a function'))
    expect(text).toContain('app-error.test.ts')
    expect(exitCode).toBe(70)
  })
  it('takes the exit code and the chance of a retry from the table', () => {
    const error = new StoreError('STORE_OPEN_FAILED', 'no')
    expect([error.exitCode, error.retryable, error.name]).toEqual([75, true, 'StoreError'])
  })
})
