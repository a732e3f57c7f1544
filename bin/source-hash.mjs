// What dist/ was built from, as one hash over the contents of the sources. Only Node's own modules, and nothing of
// dist/: it runs before anything else.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const folders = ['core', 'adapters', 'daemon', 'standins', 'tuner', 'models']
const files = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json']

/**
 * Whether `dist/` fits the sources beside it. `missing`: nothing was ever built. `none`: there are no sources, as in the
 * container image.
 */
export function checkBuild(root) {
  const sources = listSources(root)
  if (!sources.some((path) => path.endsWith('.ts'))) return 'none'
  if (!existsSync(join(root, 'dist', 'daemon', 'main.js'))) return 'missing'
  const built = readBuilt(root)
  if (built === undefined) return 'stale'
  // Reading every file takes about 40 ms, asking for their times half of that. The time of change (ctime) is one that
  // no program can set, so unlike the time of modification it is enough to see that a file is the same as before.
  const stamp = stampOf(root, sources)
  if (built.stamp === stamp) return 'fresh'
  if (built.hash !== hashOf(root, sources)) return 'stale'
  writeBuilt(root, { hash: built.hash, stamp })
  return 'fresh'
}

/** To be asked before a build: sources that change meanwhile make the result stale. */
export function describeSources(root) {
  const sources = listSources(root)
  return { stamp: stampOf(root, sources), hash: hashOf(root, sources) }
}

export function writeBuilt(root, built) {
  const path = join(root, 'dist', 'built-from.json')
  try {
    writeFileSync(`${path}.${process.pid}.part`, `${JSON.stringify(built)}\n`)
    renameSync(`${path}.${process.pid}.part`, path)
  } catch (error) {
    // Another user's installation, or a full disk: the next start reads the sources again, no more.
    if (!['EACCES', 'EROFS', 'EPERM', 'ENOSPC'].includes(error.code)) throw error
  }
}

function readBuilt(root) {
  try {
    return JSON.parse(readFileSync(join(root, 'dist', 'built-from.json'), 'utf8'))
  } catch {
    return undefined
  }
}

function listSources(root) {
  const found = files.filter((name) => existsSync(join(root, name)))
  const walk = (folder) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`
      if (entry.isDirectory()) walk(path)
      else if (path.endsWith('.ts') && !path.endsWith('.test.ts')) found.push(path)
    }
  }
  for (const folder of folders) if (existsSync(join(root, folder))) walk(folder)
  return found.sort()
}

function stampOf(root, sources) {
  const hash = createHash('sha256')
  for (const path of sources) {
    const { size, ino, mtimeMs, ctimeMs } = statSync(join(root, path))
    hash.update(`${path}\n${size} ${ino} ${mtimeMs} ${ctimeMs}\n`)
  }
  return hash.digest('hex')
}

function hashOf(root, sources) {
  const hash = createHash('sha256')
  for (const path of sources) {
    const content = readFileSync(join(root, path))
    hash.update(`${path}\n${content.length}\n`)
    hash.update(content)
  }
  return hash.digest('hex')
}
