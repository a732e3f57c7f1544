import { z } from 'zod'

/** Parts that the shapes of many commands share. */

export const Instant = z.iso.datetime()
/** A statistic of something that may be empty: not a number is written as null. */
export const Figure = z.number().nullable()
export const Count = z.int().nonnegative()
