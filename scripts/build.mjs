// Compiles to dist/; a second call with nothing changed takes about a second.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { checkBuild, describeSources, writeBuilt } from '../bin/source-hash.mjs'
import { ensureInstalled, root, run } from './install.mjs'

export function build(...flags) {
  const built = describeSources(root)
  // A build that is interrupted counts as stale.
  rmSync(join(root, 'dist', 'built-from.json'), { force: true })
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  run(process.execPath, [compiler, '-p', 'tsconfig.build.json', ...flags])
  // The project's package.json maps #core/... to the sources, for every tool alike; this one maps the same names to the
  // compiled files, so that no run needs a condition on its command line.
  const { imports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const compiled = Object.fromEntries(
    Object.entries(imports).map(([name, path]) => [name, path.replace(/[.]ts$/, '.js')]),
  )
  mkdirSync(join(root, 'dist'), { recursive: true })
  writeFileSync(
    join(root, 'dist', 'package.json'),
    `${JSON.stringify({ type: 'module', imports: compiled }, null, 2)}\n`,
  )
  writeBuilt(root, built)
}

/** Two miners of one folder may start at once: the second one waits, and finds the build done. */
function buildAtStart() {
  ensureInstalled()
  const Database = createRequire(import.meta.url)('better-sqlite3')
  mkdirSync(join(root, 'dist'), { recursive: true })
  // The operating system releases this lock however the process ends.
  const lock = new Database(join(root, 'dist', 'build.lock'), { timeout: 300_000 })
  lock.exec('begin exclusive')
  // Types were checked before the release; the start should be short, and without the check the build takes a third of
  // the time.
  if (checkBuild(root) === 'stale') build('--noCheck')
  lock.close()
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  if (process.argv.includes('--at-start')) {
    buildAtStart()
  } else {
    ensureInstalled()
    build()
  }
}
