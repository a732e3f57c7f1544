import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { dumpSchema } from '#tests/support/schema-dump'

it('the migrations make the reviewed schema', () => {
  expect(dumpSchema(), 'run "npm run golden:update" and review the diff').toBe(
    readFileSync(join(import.meta.dirname, 'schema.sql'), 'utf8'),
  )
})
