// Compiles to dist/; a second call with nothing changed takes about a second.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './install.mjs'

export function build() {
  run(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json'])
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
}

if (process.argv[1] === new URL(import.meta.url).pathname) build()
