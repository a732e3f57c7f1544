/**
 * Compiles the C files of each kernel to a WebAssembly module and writes it, as text, beside its source. The results
 * are committed, so only a change of the C code needs clang and wasm-ld (Debian: clang, lld).
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Kernel {
  readonly folder: string
  readonly generated: string
}

const core = join(import.meta.dirname, '..', 'core')

export const scoringKernel: Kernel = {
  folder: join(core, 'synth', 'scoring', 'kernel'),
  generated: 'crps-kernel.generated.ts',
}
export const pathKernel: Kernel = {
  folder: join(core, 'forecast', 'paths', 'kernel'),
  generated: 'path-kernel.generated.ts',
}

const flags = [
  '--target=wasm32',
  '-O3',
  '-msimd128',
  '-ffreestanding',
  '-fno-builtin',
  // a * b + c must round twice, as the validator's does
  '-ffp-contract=off',
  '-nostdlib',
  '-fvisibility=hidden',
  '-Wall',
  '-Wextra',
  '-Werror',
  '-Wl,--no-entry',
  '-Wl,--export-dynamic',
  '-Wl,--strip-all',
]

export const compiler = process.env['CLANG'] ?? 'clang'

function sourceNames(kernel: Kernel): string[] {
  return readdirSync(kernel.folder)
    .filter((name) => /[.][ch]$/.test(name))
    .sort()
}

/** Names and contents of all source files, and the flags: everything that may change the module. */
export function hashSource(kernel = scoringKernel): string {
  const hash = createHash('sha256').update(flags.join(' '))
  for (const name of sourceNames(kernel)) hash.update(`\n${name}\n`).update(readFileSync(join(kernel.folder, name)))
  return hash.digest('hex')
}

/** "14.0.6", or undefined if there is no clang. */
export function compilerVersion(): string | undefined {
  try {
    return /version (\d+[.]\d+[.]\d+)/.exec(execFileSync(compiler, ['--version'], { encoding: 'utf8' }))?.[1]
  } catch {
    return undefined
  }
}

export function compileKernel(kernel = scoringKernel): Buffer {
  const work = mkdtempSync(join(tmpdir(), 'kernel-'))
  try {
    const sources = sourceNames(kernel).filter((name) => name.endsWith('.c'))
    execFileSync(compiler, [...flags, ...sources, '-o', join(work, 'kernel.wasm')], {
      cwd: kernel.folder,
      stdio: 'inherit',
    })
    return readFileSync(join(work, 'kernel.wasm'))
  } finally {
    rmSync(work, { recursive: true })
  }
}

function writeGenerated(kernel: Kernel): void {
  const module = compileKernel(kernel)
  const lines = module.toString('base64').match(/.{1,100}/g) ?? []
  const text = [
    '// Written by scripts/build-kernel.ts from the C files beside it. Do not edit.',
    `export const kernelSourceSha256 = '${hashSource(kernel)}'`,
    `export const kernelCompilerVersion = '${compilerVersion()}'`,
    'export const kernelWasmBase64 = [',
    ...lines.map((line) => `  '${line}',`),
    "].join('')",
    '',
  ].join('\n')
  writeFileSync(join(kernel.folder, kernel.generated), text)
  console.log(`${kernel.generated}: ${module.length} bytes of module`)
}

if (process.argv[1] === import.meta.filename) {
  for (const kernel of [scoringKernel, pathKernel]) writeGenerated(kernel)
}
