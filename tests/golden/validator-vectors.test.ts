/**
 * The validator's own answers. GOLDEN_DIR names a folder of vectors, sub-folders included; without it the shared set
 * beside the project is used, which a clone does not have. The few vectors of our own making in ./own are always compared:
 * ./own-vectors.test.ts says where their numbers come from.
 */
import { resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { describeParts, findVectorFiles, type VectorFile } from './vectors/vector-files.ts'

const asked = process.env['GOLDEN_DIR']
const folder = resolve(asked ?? '../shared/golden')
const files = findVectorFiles(folder)

compareFiles('our own vectors', findVectorFiles(resolve(import.meta.dirname, 'own')) ?? [])

if (files === null && asked !== undefined) {
  it('finds the folder that GOLDEN_DIR names', () => {
    expect.fail(`GOLDEN_DIR is ${asked}, but there is no folder ${folder}`)
  })
} else if (files === null) {
  console.log('skipped: no ../shared; set GOLDEN_DIR to a folder of vectors to compare with them')
  it.skip('skipped: no ../shared', () => undefined)
} else {
  compareFiles('vectors of the validator', files)
}

function compareFiles(title: string, files: readonly VectorFile[]): void {
  describe(title, () => {
    const lines: string[] = []
    afterAll(() => console.log(`\n${lines.join('\n')}\n`))

    it('finds files to compare with', () => expect(files).not.toHaveLength(0))

    for (const { name, suite, read } of files) {
      it(name, () => {
        const line = lines.push(`${name}: NOT COMPARED`) - 1
        if (suite === null) expect.fail(`${name} is unknown to the suite, so nothing in it was compared`)
        const parts = suite(read())
        lines[line] = describeParts(name, parts)
        const different = parts.flatMap(({ name: part, results }) =>
          results.flatMap(({ id, difference }) => (difference === null ? [] : [`${part} ${id}: ${difference}`])),
        )
        expect(different).toEqual([])
        expect(
          parts.flatMap(({ results }) => results),
          `${name} holds no case`,
        ).not.toHaveLength(0)
      })
    }
  })
}
