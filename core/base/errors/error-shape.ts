import { z } from 'zod'
import { AppError } from './app-error.ts'
import { errorTable, exitCodes } from './codes.ts'

/** What `--json` writes to standard error, in one line, when a command fails. */
export const ErrorShape = z.strictObject({
  error: z.strictObject({
    code: z.string().describe('docs/errors.md lists them'),
    message: z.string(),
    hint: z.string().describe('what to do'),
    exitCode: z.int(),
    details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    stack: z.string().optional().describe('of a bug only'),
  }),
})

export function errorToJson(error: unknown): z.input<typeof ErrorShape> {
  if (error instanceof AppError && error.code !== 'BUG') {
    const { code, message, hint, exitCode, details } = error
    return { error: { code, message, hint, exitCode, details } }
  }
  const isError = error instanceof Error
  return {
    error: {
      code: 'BUG',
      message: isError ? error.message : String(error),
      hint: errorTable.BUG.action,
      exitCode: exitCodes.bug,
      details: {},
      ...(isError && error.stack !== undefined ? { stack: error.stack } : {}),
    },
  }
}
