/** In an order in which rows can be added. */
export const governanceTables = {
  miner_facts: { columns: ['name', 'value', 'recorded_at_ms'], order: 'name' },
  ledger: {
    columns: ['id', 'kind', 'asset', 'change_id', 'at_ms', 'body', 'previous_hash', 'hash'],
    order: 'id',
  },
  open_changes: { columns: ['asset', 'change_id'], order: 'asset' },
  evidence: {
    columns: [
      ...['id', 'asset', 'parameter', 'old_value', 'new_value', 'slot_before', 'slot_after', 'comparison'],
      ...['from_at_ms', 'to_at_ms', 'made_at_ms'],
    ],
    order: 'id',
  },
  governance_runs: {
    columns: ['id', 'kind', 'asset', 'started_at_ms', 'finished_at_ms', 'outcome'],
    order: 'id',
  },
} as const

export type GovernanceTable = keyof typeof governanceTables

export const governanceTableNames = Object.keys(governanceTables) as GovernanceTable[]

export function selectAll(table: GovernanceTable): string {
  const { columns, order } = governanceTables[table]
  return `select ${columns.join(', ')} from ${table} order by ${order}`
}

export function insertInto(table: GovernanceTable): string {
  const { columns } = governanceTables[table]
  return `insert into ${table} (${columns.join(', ')}) values (${columns.map((name) => `:${name}`).join(', ')})`
}
