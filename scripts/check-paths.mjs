// Every path that a document or a comment names exists: a file that moves takes its mentions along.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './install.mjs'

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
}).split('\n')
const known = new Set(files)
const names = new Set()
for (const file of files) {
  const parts = file.split('/')
  names.add(parts.at(-1))
  for (let depth = 1; depth < parts.length; depth += 1) known.add(parts.slice(0, depth).join('/'))
}

// Not checked: what a run makes, and placeholders for a name that the reader chooses.
const isMadeAtRunTime = (path) => /^(data|dist)\//.test(path)
const isPlaceholder = (path) => /[<{]|\b(NAME|NNNN)\b/.test(path)
/** Named because it must not exist. */
const isForbidden = (name) => name === 'index.ts'

const tops = 'core|adapters|daemon|tuner|standins|models|migrations|tests|scripts|docs|bin|dashboard|data'
const pathPattern = new RegExp(
  `(?<![\\w./#-])(?:#(?=core|adapters|daemon|tuner|standins|tests))?((?:${tops})/[\\w<>*.{}/-]*[\\w*>}])`,
  'g',
)
const namePattern = /`([\w-]+\.(?:ts|mjs))`/g

function exists(path) {
  if (known.has(path) || known.has(`${path}.ts`)) return true
  if (!path.includes('*')) return false
  const pattern = new RegExp(
    `^${path
      .split('*')
      .map((part) => part.replace(/[.]/g, '[.]'))
      .join('[^/]*')}(/|$)`,
  )
  return files.some((file) => pattern.test(file))
}

const isDocument = (file) => file.endsWith('.md')
const hasComments = (file) => /[.](ts|mjs|cjs|sql)$/.test(file)
const commentOf = (line) => /^\s*(?:\/\/|--|\/?\*).*|\/\/ .*/.exec(line)?.[0] ?? ''

const missing = []
for (const file of files.filter((name) => isDocument(name) || hasComments(name))) {
  let text
  try {
    text = readFileSync(join(root, file), 'utf8')
  } catch {
    // Removed, but not yet in the index.
    continue
  }
  for (const [index, line] of text.split('\n').entries()) {
    const words = isDocument(file) ? line : commentOf(line)
    const paths = [...words.matchAll(pathPattern)].map(([, path]) => path)
    const found = paths.filter((path) => !isMadeAtRunTime(path) && !isPlaceholder(path) && !exists(path))
    const short = isDocument(file) ? [...words.matchAll(namePattern)].map(([, name]) => name) : []
    for (const path of [...found, ...short.filter((name) => !names.has(name) && !isForbidden(name))]) {
      missing.push(`${file}:${index + 1}: there is no ${path}`)
    }
  }
}
for (const line of missing) console.log(line)
process.exitCode = missing.length === 0 ? 0 : 1
