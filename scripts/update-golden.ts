// `npm run golden:update`: writes the expected outputs that we own; review the diff.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { dumpSchema } from '#tests/support/schema-dump'

writeFileSync(join('tests', 'golden', 'schema.sql'), dumpSchema('main'))
writeFileSync(join('tests', 'golden', 'schema-governance.sql'), dumpSchema('governance'))
writeFileSync(join('tests', 'golden', 'schema-nonces.sql'), dumpSchema('nonces'))
