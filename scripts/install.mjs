// Installs what is missing, and nothing when all is there. Only Node's own modules: it runs before any package exists.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export const root = dirname(import.meta.dirname ?? dirname(new URL(import.meta.url).pathname))
const stampFile = join(root, 'node_modules', '.volcast-installed')
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'

/** Runs a command in the project's folder and ends this process when it fails. */
export function run(command, args, env = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } })
  if (result.error) throw result.error
  if (result.status !== 0) process.exit(result.status ?? 1)
}

export function ensureInstalled() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`volcast needs Node 20.19 or newer; this is ${process.version}.`)
    process.exit(78)
  }
  // The native part of one package is built for one Node and one platform.
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .update(`${process.versions.modules} ${process.platform} ${process.arch}`)
    .digest('hex')
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return
  console.error('Installing what is missing (about a minute, most of it the SQLite build) ...')
  run(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], buildEnvironment())
  mkdirSync(dirname(stampFile), { recursive: true })
  writeFileSync(stampFile, wanted)
}

/** Where Node's headers lie beside Node, the native build needs no download of them. */
function buildEnvironment() {
  const prefix = dirname(dirname(process.execPath))
  const hasHeaders = existsSync(join(prefix, 'include', 'node', 'node.h'))
  return {
    ONNXRUNTIME_NODE_INSTALL: 'skip',
    ...(hasHeaders && process.env.npm_config_nodedir === undefined ? { npm_config_nodedir: prefix } : {}),
  }
}

if (process.argv[1] === new URL(import.meta.url).pathname) ensureInstalled()
