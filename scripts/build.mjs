// Compiles to dist/; a second call with nothing changed takes about a second.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkBuild, describeSources, writeBuilt } from '../bin/source-hash.mjs'
import { ensureInstalled, root } from './install.mjs'
import { oneAtATime } from './one-at-a-time.mjs'
import { showRun } from './show-run.mjs'

/** Installs what is missing and compiles. */
export function build() {
  return oneAtATime(root, async () => {
    await ensureInstalled()
    await compile()
  })
}

/** For the start of a miner: when another one has built meanwhile, there is nothing left to do. */
function buildAtStart() {
  return oneAtATime(root, async () => {
    await ensureInstalled()
    // Types were checked before the release; the start should be short, and without the check the build takes a third
    // of the time. The files of types are for programs that use the package.
    if (checkBuild(root) !== 'fresh') await compile('--noCheck', '--declaration', 'false')
  })
}

async function compile(...flags) {
  const built = describeSources(root)
  // A build that is interrupted counts as stale.
  rmSync(join(root, 'dist', 'built-from.json'), { force: true })
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  await showRun('Compiling', [process.execPath, compiler, '-p', 'tsconfig.build.json', ...flags], { cwd: root })
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

if (process.argv[1] === new URL(import.meta.url).pathname) {
  await (process.argv.includes('--at-start') ? buildAtStart() : build())
}
