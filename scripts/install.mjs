// Installs what is missing, and nothing when everything is there. Only Node's own modules: it runs before any package
// exists.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

export const root = dirname(import.meta.dirname ?? dirname(new URL(import.meta.url).pathname))
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
  if (isInstalled()) return
  console.error('Installing what is missing (a minute or two, most of it the SQLite build) ...')
  run(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], buildEnvironment())
}

/** By npm's own record of what it installed, so that a manual "npm ci" counts as well. */
function isInstalled() {
  const record = packagesIn(join(root, 'node_modules', '.package-lock.json'))
  const wanted = Object.entries(packagesIn(join(root, 'package-lock.json')))
  const isThere = ([path, entry]) => path === '' || entry.optional || record[path]?.version === entry.version
  return wanted.every(isThere) && nativePartLoads()
}

function packagesIn(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : {}
}

/** It is built for one version of Node and one platform. */
function nativePartLoads() {
  try {
    const Database = createRequire(join(root, 'package.json'))('better-sqlite3')
    new Database(':memory:').close()
    return true
  } catch {
    return false
  }
}

/** If Node's headers are beside Node, the native build needs no download of them. */
function buildEnvironment() {
  const prefix = dirname(dirname(process.execPath))
  const hasHeaders = existsSync(join(prefix, 'include', 'node', 'node.h'))
  return {
    ONNXRUNTIME_NODE_INSTALL: 'skip',
    ...(hasHeaders && process.env.npm_config_nodedir === undefined ? { npm_config_nodedir: prefix } : {}),
  }
}

if (process.argv[1] === new URL(import.meta.url).pathname) ensureInstalled()
