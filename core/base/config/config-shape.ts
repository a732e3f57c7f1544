import { z } from 'zod'

export const ConfigShowShape = z.strictObject({
  settings: z.array(
    z.strictObject({
      key: z.string(),
      value: z.unknown().describe('null: not set; secrets are "[redacted]"'),
      source: z.enum(['flag', 'environment', 'file', 'default']),
    }),
  ),
})
