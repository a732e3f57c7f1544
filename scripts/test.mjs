// `npm test`: installs what is missing, then runs every test of every day and ends with one plain line of counts.
// With names of projects as arguments it runs only those: npm test -- unit golden
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
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
/** More files with failures are no accident of load. */
const mostFilesAgain = 2

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
try {
  const first = runTests(names, [], join(folder, 'report.json'))
  if (first === undefined) {
    console.error('The run ended before its report: nothing is known of the tests that are not printed above.')
    process.exitCode = 1
  } else conclude(first, secondRun(first))
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** The counts, and the files with a failure; undefined if the run ended before its report. */
function runTests(projectNames, options, report) {
  const args = [
    'run',
    ...projectNames.flatMap((name) => ['--project', name]),
    `--reporter=${join(root, 'scripts', 'test-progress.mjs')}`,
    '--reporter=minimal',
    '--reporter=json',
    `--outputFile=${report}`,
    ...options,
  ]
  const { status } = spawnSync(process.execPath, [join(root, 'node_modules', 'vitest', 'vitest.mjs'), ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, VOLCAST_TEST_BUILT: '1' },
  })
  if (!existsSync(report)) return undefined
  const result = JSON.parse(readFileSync(report, 'utf8'))
  const failedFiles = result.testResults.filter(({ status: state }) => state === 'failed')
  // A file that cannot even be loaded fails without a test of its own.
  const failed = Math.max(result.numFailedTests, failedFiles.length > 0 ? 1 : 0, status === 0 ? 0 : 1)
  return {
    passed: result.numPassedTests,
    failed,
    skipped: result.numPendingTests,
    files: failedFiles.map(({ name }) => relative(root, name)),
    failedTests: failedFiles.flatMap(({ name, assertionResults }) =>
      assertionResults
        .filter(({ status: state }) => state === 'failed')
        .map(({ fullName }) => `${relative(root, name)}: ${fullName}`),
    ),
  }
}

/**
 * A few files that failed run once again, alone: among thousands of tests with real processes one may fail by the load of
 * the others. Such a test is named as unstable, and is a fault to mend. More files, or a failure again, fail the run.
 */
function secondRun({ failed, files }) {
  if (failed === 0 || files.length === 0 || files.length > mostFilesAgain) return undefined
  console.log(`\nOnce again, alone: ${files.join(', ')}`)
  return runTests(names, ['--maxWorkers=1', ...files], join(folder, 'report-again.json'))
}

function conclude(first, again) {
  const isUnstable = again !== undefined && again.failed === 0 && again.passed > 0
  const passed = isUnstable ? first.passed + first.failed : first.passed
  const failed = isUnstable ? 0 : first.failed
  console.log(`${passed} passed, ${failed} failed, ${first.skipped} skipped`)
  if (isUnstable) {
    console.log(
      `UNSTABLE, passed only when run again, alone: ${first.failedTests.join('; ') || first.files.join('; ')}`,
    )
  }
  process.exitCode = failed === 0 ? 0 : 1
}

function usualTime(names) {
  const seconds = names.reduce((sum, name) => sum + projects[name].seconds, buildSeconds)
  const wall = (seconds / cores) * (1 + idleShare)
  const text = wall < 90 ? `${Math.round(wall)} seconds` : `${Math.round(wall / 60)} minutes`
  return `Usually about ${text} on ${cores} idle cores (${Math.round(seconds)} s of processor time).`
}
