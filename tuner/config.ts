import { z } from 'zod'
import { sharedSections } from '#core/config/shared-sections'

export const TunerConfig = z.strictObject({ ...sharedSections })

export type TunerConfig = z.output<typeof TunerConfig>
