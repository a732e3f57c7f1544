// `npm run lockfile:complete`, after a dependency changed. A registry mirror may not have the native packages of other
// platforms; npm then leaves them out of the lockfile, and everywhere "npm ci" refuses a lockfile without them. This
// adds them by version, for the platform in their name.
import { readFileSync, writeFileSync } from 'node:fs'

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'))
const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32']
const processors = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64']

for (const [place, parent] of Object.entries({ ...lock.packages })) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    if (!isResolved(place, name)) lock.packages[`node_modules/${name}`] = entryFor(name, version, parent.dev === true)
  }
}
// Its script would fetch CUDA. npm 11 refuses it by "allowScripts" in package.json; npm 10 knows only what is said here.
delete lock.packages['node_modules/onnxruntime-node'].hasInstallScript
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`)

function isResolved(place, name) {
  for (let base = place; ; base = base.slice(0, Math.max(0, base.lastIndexOf('/node_modules/')))) {
    if (`${base === '' ? '' : `${base}/`}node_modules/${name}` in lock.packages) return true
    if (base === '') return false
  }
}

function entryFor(name, version, isDev) {
  const words = name.split(/[-/]/)
  const entry = { version, ...(isDev ? { dev: true } : {}), optional: true }
  const os = systems.find((system) => words.includes(system))
  const cpu = processors.find((processor) => words.includes(processor))
  if (os !== undefined) entry.os = [os]
  if (cpu !== undefined) entry.cpu = [cpu]
  if (words.includes('musl')) entry.libc = ['musl']
  return entry
}
