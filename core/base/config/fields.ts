import { z } from 'zod'

/** Building blocks of the programs' schemas. A secret is printed and logged as [redacted]. */
export const port = () => z.int().min(0).max(65_535)
export const ms = () => z.int().min(0)
export const bytes = () => z.int().min(0)
export const secret = () => z.string().min(1).meta({ secret: true })
export const filePath = () => z.string().min(1)
