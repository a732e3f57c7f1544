import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, onTestFinished } from 'vitest'

/** A folder of the test's own, gone when the test is. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'volcast-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** The same for what the tests of a file share; called while they are collected or in `beforeAll`. */
export function folderForAll(): string {
  const folder = mkdtempSync(join(tmpdir(), 'volcast-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
