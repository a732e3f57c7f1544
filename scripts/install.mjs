// Installs what is missing, and nothing when everything is there. Only Node's own modules: it runs before any package
// exists.
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { showRun } from './show-run.mjs'

export const root = dirname(import.meta.dirname ?? dirname(new URL(import.meta.url).pathname))
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'

export async function ensureInstalled() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`volcast needs Node 20.19 or newer; this is ${process.version}.`)
    process.exit(78)
  }
  if (isInstalled()) return
  const label = 'Installing packages (a few minutes, most of it the SQLite build)'
  const command = [npm, 'ci', '--no-audit', '--no-fund', '--loglevel=error', '--no-progress']
  await showRun(label, command, { cwd: root, env: buildEnvironment() })
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
  return hasHeaders && process.env.npm_config_nodedir === undefined ? { npm_config_nodedir: prefix } : {}
}

if (process.argv[1] === new URL(import.meta.url).pathname) await ensureInstalled()
