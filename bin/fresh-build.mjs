// `git pull` changes the sources and the migrations, but not dist/: an old build must not meet a new schema.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkBuild } from './source-hash.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const exits = { config: 78, tryAgain: 75 }

/**
 * Ends the process when dist/ is not built from the sources beside it. `mayBuild` builds it instead: only the miner at
 * its start, since a build would change the files of a miner that runs.
 */
export function ensureFreshBuild({ mayBuild }) {
  // The tests have built what they run, also when somebody edits the sources meanwhile.
  if (process.env.VOLCAST_TEST_BUILT === '1' || checkBuild(root) !== 'stale') return
  const script = join(root, 'scripts', 'build.mjs')
  if (!mayBuild || !existsSync(script)) {
    process.stderr.write(
      'dist/ was built from other sources than those beside it: run "npm run build", then restart the miner.\n',
    )
    process.exit(exits.config)
  }
  process.stderr.write('dist/ was built from other sources than those beside it. Building it again ...\n')
  const startedAt = performance.now()
  // Standard output is the log of the miner.
  const { status } = spawnSync(process.execPath, [script, '--at-start'], { cwd: root, stdio: ['ignore', 2, 2] })
  if (status !== 0) {
    process.stderr.write('The build failed, and an old build must not run: run "npm ci && npm run build".\n')
    // A full disk, or a registry that does not answer: a supervisor tries again.
    process.exit(exits.tryAgain)
  }
  process.stderr.write(`Built in ${((performance.now() - startedAt) / 1000).toFixed(1)} s.\n`)
}
