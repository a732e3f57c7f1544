import { z } from 'zod'
import { sharedSections } from '#core/tuning/settings/shared-sections'

export const TunerConfig = z.strictObject({ ...sharedSections })

export type TunerConfig = z.output<typeof TunerConfig>
