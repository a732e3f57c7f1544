// `npm test`: installs what is missing, then runs every test and ends with one plain line of counts.
// With names of projects as arguments it runs only those: npm test -- unit golden
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from './build.mjs'
import { ensureInstalled, root } from './install.mjs'

const everyDay = ['unit', 'contract', 'integration', 'golden', 'interop']

ensureInstalled()
build()
const projects = process.argv.length > 2 ? process.argv.slice(2) : everyDay
const folder = mkdtempSync(join(tmpdir(), 'volcast-test-'))
const report = join(folder, 'report.json')
try {
  const args = [
    'run',
    ...projects.flatMap((name) => ['--project', name]),
    '--reporter=default',
    '--reporter=json',
    `--outputFile=${report}`,
  ]
  const { status } = spawnSync(process.execPath, [join(root, 'node_modules', 'vitest', 'vitest.mjs'), ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, VOLCAST_TEST_BUILT: '1' },
  })
  const { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites } = JSON.parse(
    readFileSync(report, 'utf8'),
  )
  // A file that cannot even be loaded fails without a test of its own.
  const failed = Math.max(numFailedTests, numFailedTestSuites > 0 ? 1 : 0, status === 0 ? 0 : 1)
  console.log(`${numPassedTests} passed, ${failed} failed, ${numPendingTests} skipped`)
  process.exitCode = failed === 0 ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
