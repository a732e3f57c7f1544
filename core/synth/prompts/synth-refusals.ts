import { type RefusalTable, refuseWith } from '#core/bittensor/admission/refusals'

/** The refusals of this subnet only: a prompt that it does not answer, and an asset without a price. */
export const synthRefusals = {
  prompt_missing: { status: 400, message: 'The body holds no prompt.' },
  unknown_asset: { status: 400, message: 'This asset is not forecast here.' },
  bad_start_time: { status: 400, message: 'start_time must be an ISO 8601 instant in whole seconds, shortly ahead.' },
  bad_param: { status: 400, message: 'A field of the prompt is out of range.' },
  price_unavailable: { status: 503, message: 'There is no fresh price for this asset.', retryAfterSeconds: 5 },
} as const satisfies RefusalTable

export type SynthRefusalCode = keyof typeof synthRefusals

export const refusePrompt = refuseWith(synthRefusals)
