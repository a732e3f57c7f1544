import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readMigrations } from '#adapters/sqlite/migrated-file'
import { dumpSchema } from '#tests/support/schema-dump'

it.each([
  ['main', 'schema.sql'],
  ['governance', 'schema-governance.sql'],
  ['nonces', 'schema-nonces.sql'],
] as const)('the migrations of the %s file make the reviewed schema', (file, name) => {
  expect(dumpSchema(file), 'run "npm run golden:update" and review the diff').toBe(
    readFileSync(join(import.meta.dirname, name), 'utf8'),
  )
})

// The second of the same number would be taken for applied.
it.each(['', 'governance', 'nonces'])('each migration has a number of its own: %s', (folder) => {
  const versions = readMigrations(join(import.meta.dirname, '..', '..', 'migrations', folder)).map(
    ({ version }) => version,
  )
  expect(versions).toEqual([...new Set(versions)])
})
