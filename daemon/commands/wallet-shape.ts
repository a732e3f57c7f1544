import { z } from 'zod'

export const WalletShowShape = z.strictObject({
  hotkeys: z.array(
    z.strictObject({
      wallet: z.string(),
      hotkey: z.string(),
      file: z.string(),
      encryption: z.enum(['none', 'nacl', 'ansible-vault', 'fernet']),
      mode: z.string().describe('as ls counts it, such as 600'),
      isReadableByOthers: z.boolean(),
      address: z.string().nullable().describe('null: encrypted; --unlock opens it'),
      isVerified: z.boolean().describe('derived from the secret, not just read'),
      registration: z
        .union([
          z.strictObject({ state: z.literal('registered'), uid: z.int(), netuid: z.int() }),
          z.strictObject({ state: z.literal('deregistered'), netuid: z.int() }),
          z.strictObject({ state: z.literal('unknown'), reason: z.string(), netuid: z.int() }),
        ])
        .nullable()
        .describe('null: not asked'),
      problem: z.string().nullable(),
    }),
  ),
})
