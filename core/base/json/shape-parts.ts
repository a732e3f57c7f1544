import { z } from 'zod'

/** Parts that the shapes of many commands share. */

export const Instant = z.iso.datetime()
/** A statistic that may have no data: null stands for "not a number". */
export const Figure = z.number().nullable()
export const Count = z.int().nonnegative()
