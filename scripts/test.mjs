// `npm test`: installs what is missing, then runs every test of every day and ends with one plain line of counts.
// With names of projects as arguments it runs only those: npm test -- unit golden
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from './build.mjs'
import { root } from './install.mjs'

/** With the processor time that each took when it was last measured, for what is said before a run. */
const projects = {
  unit: { seconds: 190, isEveryDay: true },
  contract: { seconds: 90, isEveryDay: true },
  integration: { seconds: 330, isEveryDay: true },
  golden: { seconds: 12, isEveryDay: true },
  interop: { seconds: 40, isEveryDay: true },
  crash: { seconds: 170, isEveryDay: false },
  long: { seconds: 400, isEveryDay: false },
}
const buildSeconds = 10
const cores = 2
/** Tests that wait, and the last file that one core runs alone. */
const idleShare = 0.2

const asked = process.argv.slice(2)
const names = asked.length > 0 ? asked : Object.keys(projects).filter((name) => projects[name].isEveryDay)
const unknown = names.filter((name) => projects[name] === undefined)
if (unknown.length > 0) {
  console.error(`There is no test project "${unknown[0]}". There are: ${Object.keys(projects).join(', ')}.`)
  process.exit(64)
}

console.log(`Tests: ${names.join(', ')}. ${usualTime(names)}`)
if (asked.length === 0) console.log('Commands of their own: npm run test:crash, npm run test:long')
await build()
const folder = mkdtempSync(join(tmpdir(), 'volcast-test-'))
const report = join(folder, 'report.json')
try {
  const args = [
    'run',
    ...names.flatMap((name) => ['--project', name]),
    `--reporter=${join(root, 'scripts', 'test-progress.mjs')}`,
    '--reporter=minimal',
    '--reporter=json',
    `--outputFile=${report}`,
  ]
  const { status } = spawnSync(process.execPath, [join(root, 'node_modules', 'vitest', 'vitest.mjs'), ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, VOLCAST_TEST_BUILT: '1' },
  })
  if (existsSync(report)) conclude(JSON.parse(readFileSync(report, 'utf8')), status)
  else {
    console.error('The run ended before its report: nothing is known of the tests that are not printed above.')
    process.exitCode = 1
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function conclude({ numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites }, status) {
  // A file that cannot even be loaded fails without a test of its own.
  const failed = Math.max(numFailedTests, numFailedTestSuites > 0 ? 1 : 0, status === 0 ? 0 : 1)
  console.log(`${numPassedTests} passed, ${failed} failed, ${numPendingTests} skipped`)
  process.exitCode = failed === 0 ? 0 : 1
}

function usualTime(names) {
  const seconds = names.reduce((sum, name) => sum + projects[name].seconds, buildSeconds)
  const wall = (seconds / cores) * (1 + idleShare)
  const text = wall < 90 ? `${Math.round(wall)} seconds` : `${Math.round(wall / 60)} minutes`
  return `Usually about ${text} on ${cores} idle cores (${Math.round(seconds)} s of processor time).`
}
