import { createHash } from 'node:crypto'
import { canonicalJson } from '#core/base/json/canonical-json'
import type { JsonObject } from '#core/base/json/strict-json'
import type { Recipe } from './recipe.ts'

/** 12 hex digits over every resolved setting, whatever their order. Name and description are words, not settings. */
export function recipeHash({ components: _, name: __, description: ___, ...settings }: Recipe): string {
  return createHash('sha256')
    .update(canonicalJson(settings as unknown as JsonObject))
    .digest('hex')
    .slice(0, 12)
}
