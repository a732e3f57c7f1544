import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { readManifest } from '#core/forecast/models/onnx/manifest'
import { harManifest } from '#tests/support/onnx-models'
import { loadFeatures, loadFeaturesOf } from './load-features.ts'

/** A file outside of the project would not find zod. */
function folderInProject(): string {
  const cache = join(import.meta.dirname, '..', '..', '.cache')
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'features-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const featureOf = (name: string): string => `
import { z } from 'zod'
export default {
  source: 'market', name: '${name}', description: 'A test', settings: z.strictObject({}),
  minutes: () => 1, values: (_, rows) => rows.map(() => 1),
}`

it('makes a dropped file usable in a manifest, and nothing else is edited', async () => {
  const folder = folderInProject()
  writeFileSync(join(folder, 'my-own.ts'), featureOf('myOwn'))
  writeFileSync(join(folder, 'my-own.test.ts'), 'throw new Error("a test is no feature")')
  const book = await loadFeaturesOf([folder])
  expect(book.list().map(({ name }) => name)).toEqual(['myOwn'])
  const inputs = [{ ...harManifest.inputs[0], features: [{ kind: 'myOwn' }] }]
  expect(readManifest(JSON.stringify({ ...harManifest, inputs }), book)).toMatchObject({ ok: true })
  expect(readManifest(JSON.stringify({ ...harManifest, inputs }), await loadFeatures())).toMatchObject({ ok: false })
})

it.each([
  ['another name than its file', featureOf('other'), /has the feature other; its name must be myOwn$/],
  ['nothing to export', 'export const x = 1', /exports no feature by default$/],
])('refuses a file with %s', async (_, text, sentence) => {
  const folder = folderInProject()
  writeFileSync(join(folder, 'my-own.ts'), text)
  await expect(loadFeaturesOf([folder])).rejects.toThrow(sentence)
})

it('refuses two features of one name', async () => {
  const folders = [0, 1].map(folderInProject)
  for (const folder of folders) writeFileSync(join(folder, 'my-own.ts'), featureOf('myOwn'))
  await expect(loadFeaturesOf(folders)).rejects.toThrow('two features have the name myOwn')
})
