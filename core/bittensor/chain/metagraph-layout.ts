import type { ScaleField, ScaleShape } from './scale.ts'

/** Lists with one entry for each uid, by which a caller is admitted: without them a metagraph is of no use. */
export const admissionColumns = ['hotkeys', 'validator_permit', 'total_stake'] as const

/** Lists with one entry for each uid that are good to know: a runtime may rename or drop them. */
export const otherColumns = [
  'coldkeys',
  'axons',
  'last_update',
  'emission',
  'dividends',
  'incentives',
  'block_at_registration',
  'alpha_stake',
  'tao_stake',
] as const

/** The parts of the metagraph that a miner needs. Their indexes are their positions in the runtime's struct. */
const askedFields = ['block', 'num_uids', ...admissionColumns, ...otherColumns] as const

/**
 * The positions of the wanted fields in a (selective) metagraph; a field that the runtime does not have is left out.
 */
export function askedIndexes(metagraph: ScaleShape): number[] {
  const struct = metagraph.kind === 'option' ? metagraph.of : metagraph
  if (struct.kind !== 'struct') return []
  return askedFields
    .map((name) => struct.fields.findIndex((field) => field.name === name))
    .filter((index) => index >= 0)
    .sort((a, b) => a - b)
}

const uint = (byteCount: number): ScaleShape => ({ kind: 'uint', byteCount })
const compact: ScaleShape = { kind: 'compact' }
const bool: ScaleShape = { kind: 'bool' }
const key: ScaleShape = { kind: 'bytes', byteCount: 32 }
const sequence = (of: ScaleShape): ScaleShape => ({ kind: 'sequence', of })
const option = (of: ScaleShape): ScaleShape => ({ kind: 'option', of })
const struct = (fields: Record<string, ScaleShape>): ScaleShape => ({
  kind: 'struct',
  fields: Object.entries(fields).map(([name, of]) => ({ name, of })),
})

const text = sequence(compact)
const axonInfo = struct({
  block: uint(8),
  version: uint(4),
  ip: uint(16),
  port: uint(2),
  ip_type: uint(1),
  protocol: uint(1),
  placeholder1: uint(1),
  placeholder2: uint(1),
})
const identity = (textFields: number): ScaleShape =>
  struct(Object.fromEntries(Array.from({ length: textFields }, (_, i) => [`text${i}`, sequence(uint(1))])))

/**
 * The layout of the runtime from version 293 to 424, for nodes whose metadata does not describe runtime calls (format
 * 14). Newer nodes describe it themselves.
 */
const fields: readonly ScaleField[] = Object.entries({
  netuid: compact,
  name: text,
  symbol: text,
  identity: option(identity(8)),
  network_registered_at: compact,
  owner_hotkey: key,
  owner_coldkey: key,
  ...compacts('block', 'tempo', 'last_step', 'blocks_since_last_step', 'subnet_emission', 'alpha_in', 'alpha_out'),
  ...compacts('tao_in', 'alpha_out_emission', 'alpha_in_emission', 'tao_in_emission', 'pending_alpha_emission'),
  ...compacts('pending_root_emission', 'subnet_volume'),
  moving_price: { kind: 'int', byteCount: 16 },
  ...compacts('rho', 'kappa', 'min_allowed_weights', 'max_weights_limit', 'weights_version', 'weights_rate_limit'),
  ...compacts('activity_cutoff', 'max_validators', 'num_uids', 'max_uids', 'burn', 'difficulty'),
  registration_allowed: bool,
  pow_registration_allowed: bool,
  ...compacts('immunity_period', 'min_difficulty', 'max_difficulty', 'min_burn', 'max_burn', 'adjustment_alpha'),
  ...compacts('adjustment_interval', 'target_regs_per_interval', 'max_regs_per_block', 'serving_rate_limit'),
  commit_reveal_weights_enabled: bool,
  commit_reveal_period: compact,
  liquid_alpha_enabled: bool,
  ...compacts('alpha_high', 'alpha_low', 'bonds_moving_avg'),
  hotkeys: sequence(key),
  coldkeys: sequence(key),
  identities: sequence(option(identity(7))),
  axons: sequence(axonInfo),
  active: sequence(bool),
  validator_permit: sequence(bool),
  pruning_score: sequence(compact),
  last_update: sequence(compact),
  emission: sequence(compact),
  dividends: sequence(compact),
  incentives: sequence(compact),
  consensus: sequence(compact),
  trust: sequence(compact),
  rank: sequence(compact),
  block_at_registration: sequence(compact),
  alpha_stake: sequence(compact),
  tao_stake: sequence(compact),
  total_stake: sequence(compact),
} satisfies Record<string, ScaleShape>).map(([name, of]) => ({ name, of }))

function compacts(...names: string[]): Record<string, ScaleShape> {
  return Object.fromEntries(names.map((name) => [name, compact]))
}

/** What get_metagraph answers. */
export const knownMetagraph: ScaleShape = option({ kind: 'struct', fields })

/** What get_selective_metagraph answers: every field but the first may be left out. */
export const knownSelectiveMetagraph: ScaleShape = option({
  kind: 'struct',
  fields: fields.map((field, i) => (i === 0 ? field : { name: field.name, of: option(field.of) })),
})
