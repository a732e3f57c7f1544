// `git clone` and `git pull` bring sources and migrations, but neither packages nor dist/: a program must not end in a
// missing module, and an old build must not meet a new schema.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkBuild } from './source-hash.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const exits = { config: 78, tryAgain: 75 }

/**
 * Makes dist/ fit the sources beside it, or ends the process with a sentence. What was never built may always be built.
 * A stale build is replaced only by the miner at its start (`mayReplace`): it would change the files of a miner that
 * runs.
 */
export function ensureFreshBuild({ mayReplace }) {
  // The tests have built what they run, also when somebody edits the sources meanwhile.
  if (process.env.VOLCAST_TEST_BUILT === '1') return
  const state = checkBuild(root)
  if (state === 'none') return
  const isInstalled = existsSync(join(root, 'node_modules', '.package-lock.json'))
  if (state === 'fresh' && isInstalled) return
  // A shell that completes a line waits for the answer.
  const isCompletion = process.argv[2] === 'complete'
  if (state === 'stale' && !mayReplace) {
    giveUp('dist/ was built from other sources than those beside it: run "npm run build", then restart the miner.')
  }
  const script = join(root, 'scripts', 'build.mjs')
  if (isCompletion || !existsSync(script)) giveUp('volcast is not built yet: run "npm run build".')
  process.stderr.write(
    state === 'stale'
      ? 'dist/ was built from other sources than those beside it. Building it again ...\n'
      : 'volcast is not built yet. This is done once, and takes a few minutes ...\n',
  )
  // Standard output is the log of the miner, or the answer of a command.
  const { status } = spawnSync(process.execPath, [script, '--at-start'], { cwd: root, stdio: ['ignore', 2, 2] })
  if (status === 0) return
  const consequence =
    state === 'stale' ? 'The build failed, and an old build must not run' : 'volcast could not be built'
  // A full disk, or a registry that does not answer: a supervisor tries again.
  giveUp(`${consequence}: run "npm ci && npm run build".`, status === exits.config ? exits.config : exits.tryAgain)
}

function giveUp(sentence, exitCode = exits.config) {
  process.stderr.write(`${sentence}\n`)
  process.exit(exitCode)
}
