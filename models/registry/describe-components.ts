import { z } from 'zod'
import { schemaLeaves } from '#core/base/config/schema-leaves'
import type { Components } from './discover.ts'

/** What a component may be told in a recipe. */
export interface SettingView {
  readonly key: string
  readonly type: string
  readonly isRequired: boolean
  /** Absent: it has none. */
  readonly default?: unknown
  readonly description: string
}

export interface ComponentView {
  readonly name: string
  readonly description: string
  readonly settings: readonly SettingView[]
}

export interface BlockView extends ComponentView {
  readonly keepsLength: boolean
  readonly keepsWidth: boolean
  readonly leastLength: number
}

export interface HeadView extends ComponentView {
  readonly needsBaseline: boolean
}

export interface LossView extends ComponentView {
  /** It describes a forecast and cannot train one. */
  readonly isMetric: boolean
}

export interface FeatureView extends ComponentView {
  /** `time`: also known of the steps ahead. */
  readonly source: 'market' | 'time'
}

export function listBlocks({ blocks }: Components): BlockView[] {
  return blocks.list().map(({ keepsLength, keepsWidth, leastLength, ...facts }) => ({
    ...viewOf(facts),
    keepsLength,
    keepsWidth,
    leastLength,
  }))
}

export function listHeads({ heads }: Components): HeadView[] {
  return heads.list().map(({ needsBaseline, ...facts }) => ({ ...viewOf(facts), needsBaseline }))
}

export function listLosses({ losses }: Components): LossView[] {
  return losses.list().map(({ isMetric = false, ...facts }) => ({ ...viewOf(facts), isMetric }))
}

export function listFeatures({ features }: Components): FeatureView[] {
  return features.list().map(({ source, ...facts }) => ({ ...viewOf(facts), source }))
}

function viewOf({ name, description, settings }: Omit<ComponentView, 'settings'> & { settings: z.ZodType }) {
  return { name, description, settings: settingsOf(settings) }
}

function settingsOf(schema: z.ZodType): SettingView[] {
  if (!(schema instanceof z.ZodObject)) return []
  return schemaLeaves(schema).map(({ key, type, defaultValue, description }) => ({
    key,
    type,
    isRequired: !(schema.shape[key.split('.')[0]!] as z.ZodType).safeParse(undefined).success,
    ...(defaultValue === undefined ? {} : { default: defaultValue }),
    description,
  }))
}
