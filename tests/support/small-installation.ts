import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from './temporary-folder.ts'

const root = join(import.meta.dirname, '..', '..')
const copied = ['bin', 'miner', 'ecosystem.config.cjs', 'package.json', 'package-lock.json']
const compilerSettings = ['tsconfig.json', 'tsconfig.build.json']
const scripts = ['build.mjs', 'install.mjs', 'one-at-a-time.mjs', 'show-run.mjs']

/** The real programs, build and compiler around a miner of one line, as a clone with its packages but without a build. */
export function anInstallation(folder = temporaryFolder()): string {
  for (const name of [...copied, ...compilerSettings]) {
    cpSync(join(root, name), join(folder, name), { recursive: true, verbatimSymlinks: true })
  }
  mkdirSync(join(folder, 'scripts'))
  for (const name of scripts) cpSync(join(root, 'scripts', name), join(folder, 'scripts', name))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  release(folder, 'one')
  return folder
}

export function release(folder: string, name: string): void {
  for (const program of ['daemon', 'tuner']) {
    mkdirSync(join(folder, program), { recursive: true })
    writeFileSync(join(folder, program, 'main.ts'), `console.log('${program} ${name}')\n`)
  }
}
