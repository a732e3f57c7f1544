// The unit tests that a change touches: those of the changed files, and those that import them.
import { execFileSync } from 'node:child_process'
import { dirname, join, relative } from 'node:path'
import { root } from './install.mjs'

/** About ten seconds of tests. A change of a file that everything imports touches nearly all. */
const mostFiles = 40
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')

/**
 * The test files to run, the nearest to the change first, and how many more the change touches. Undefined where git does
 * not tell what changed.
 */
export function findTouchedTests() {
  const since = comparedWith()
  if (since === undefined) return undefined
  const changed = [
    ...lines('git', ['diff', '--name-only', since.commit]),
    ...lines('git', ['ls-files', '--others', '--exclude-standard']),
  ]
  if (!changed.some((path) => /[.](ts|mjs|json|wasm)$/.test(path))) return { since: since.words, files: [], leftOut: 0 }
  const listed = execFileSync(
    process.execPath,
    [vitest, 'list', '--project', 'unit', '--changed', since.commit, '--filesOnly', '--json'],
    { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  )
  const touched = JSON.parse(listed).map(({ file }) => relative(root, file))
  const distance = new Map(touched.map((test) => [test, Math.min(...changed.map((path) => stepsBetween(path, test)))]))
  touched.sort((a, b) => distance.get(a) - distance.get(b) || (a < b ? -1 : 1))
  return {
    since: since.words,
    files: touched.slice(0, mostFiles),
    leftOut: Math.max(0, touched.length - mostFiles),
  }
}

/** All that a branch adds to main; on main what is not committed, else the last commit. */
function comparedWith() {
  try {
    const head = git('rev-parse', 'HEAD')
    const main = ['origin/main', 'main'].find((name) => succeeds('rev-parse', '--verify', '--quiet', name))
    const base = main === undefined ? head : git('merge-base', 'HEAD', main)
    if (base !== head) return { commit: base, words: `the change since ${main}` }
    if (git('status', '--porcelain') !== '') return { commit: head, words: 'what is not committed' }
    return { commit: git('rev-parse', 'HEAD~1'), words: 'the last commit' }
  } catch {
    return undefined
  }
}

/** 0 for a file's own test, 1 for its neighbours, and so on along the folders. */
function stepsBetween(path, test) {
  if (test.replace(/([.]property)?[.]test[.]ts$/, '.ts') === path || test === path) return 0
  return 1 + relative(dirname(path), dirname(test)).split('/').filter(Boolean).length
}

function succeeds(...args) {
  try {
    git(...args)
    return true
  } catch {
    return false
  }
}

function git(...args) {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
}

function lines(command, args) {
  return execFileSync(command, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    .split('\n')
    .filter(Boolean)
}
