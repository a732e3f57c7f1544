// `npm run check`: all that a machine can see without starting the product, and the unit tests that the change touches.
// Steps run two at a time.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { ensureInstalled, root } from './install.mjs'
import { findTouchedTests } from './touched-tests.mjs'

const bin = (name) => join(root, 'node_modules', '.bin', name)
const sourceFolders = ['core', 'adapters', 'daemon', 'standins', 'tuner', 'models']

const steps = [
  { name: 'types', command: [bin('tsc'), '-p', '.'] },
  {
    name: 'lint (typed)',
    command: [bin('eslint'), '.', '--max-warnings=0', '--cache', '--cache-location', '.cache/eslint'],
  },
  { name: 'format and lint', command: [bin('biome'), 'ci', '.'] },
  {
    name: 'borders',
    command: [bin('depcruise'), ...sourceFolders, '--output-type', 'err-long'],
    accept: visitedEnough,
  },
  {
    name: 'borders of folders',
    command: [
      bin('depcruise'),
      ...sourceFolders,
      '--config',
      '.dependency-cruiser.folders.cjs',
      '--output-type',
      'err-long',
    ],
    accept: visitedEnough,
  },
  { name: 'lockfile', command: ['npm', 'ci', '--dry-run', '--ignore-scripts', '--loglevel=error'] },
  { name: 'unused', command: [bin('knip')] },
  { name: 'generated docs', command: [bin('tsx'), 'scripts/generate-docs.ts', '--check'] },
  { name: 'paths in documents and comments', command: [process.execPath, 'scripts/check-paths.mjs'] },
  { name: 'touched unit tests', prepare: touchedTests },
]

/** Says how many it runs and how many it leaves out, so that nobody takes a part for the whole. */
function touchedTests() {
  const touched = findTouchedTests()
  if (touched === undefined) return { note: 'none, since git does not tell what changed; "npm test -- unit" runs all' }
  const { since, files, leftOut } = touched
  if (files.length === 0) return { note: `none for ${since}` }
  const rest = leftOut === 0 ? '' : `; ${leftOut} further ones LEFT OUT, "npm test -- unit" runs all`
  return {
    note: `${files.length} files for ${since}${rest}`,
    command: [bin('vitest'), 'run', '--project', 'unit', '--maxWorkers=1', ...files],
  }
}

/** A run that visits nothing would pass: it must have seen the whole source tree. */
function visitedEnough(output) {
  const modules = Number(/[(](\d+) modules/.exec(output)?.[1] ?? 0)
  return modules >= 30 ? undefined : `dependency-cruiser visited only ${modules} modules`
}

await ensureInstalled()
const queue = [...steps]
let failures = 0
async function worker() {
  for (let step = queue.shift(); step !== undefined; step = queue.shift()) {
    const startedAt = performance.now()
    const { command, note } = step.prepare?.() ?? step
    const { status, output } = command === undefined ? { status: 0, output: '' } : await execute(command)
    const problem = status === 0 ? step.accept?.(output) : output
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    const name = note === undefined ? step.name : `${step.name}: ${note}`
    console.log(`${problem === undefined ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`)
    if (problem !== undefined) {
      failures += 1
      console.log(problem)
    }
  }
}

function execute([command, ...args]) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
    })
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    child.on('close', (status) => resolve({ status, output }))
  })
}

await Promise.all([worker(), worker()])
console.log(failures === 0 ? 'check: all passed' : `check: ${failures} failed`)
process.exitCode = failures === 0 ? 0 : 1
