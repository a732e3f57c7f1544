/**
 * `npm run test:mutations`: makes each typical porting mistake in a copy of the source and checks whether the
 * validator's vectors detect it. Fails when one is not detected, or when its place in the source is gone.
 */
import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { type Mutation, mutations } from './mutations.ts'

interface Count {
  readonly name: string
  readonly compared: number
  readonly different: number
}

const root = resolve(import.meta.dirname, '..')
const vectors = resolve(root, process.env['GOLDEN_DIR'] ?? '../shared/golden')

if (!existsSync(vectors)) {
  console.log('skipped: no ../shared; set GOLDEN_DIR to a folder of vectors')
} else {
  await checkAll()
}

async function checkAll(): Promise<void> {
  const startedAt = performance.now()
  const folder = mkdtempSync(join(tmpdir(), 'volcast-mutations-'))
  try {
    const trees = Array.from({ length: Math.min(2, availableParallelism()) }, (_, i) => copyTree(join(folder, `${i}`)))
    const files = [...new Set(mutations.flatMap((mutation) => mutation.vectors))]
    const untouched = await compare(trees[0] as string, files)
    const alreadyDifferent = untouched.filter(({ different }) => different > 0)
    if (alreadyDifferent.length > 0) throw new Error(`without any mistake: ${describe(alreadyDifferent)}`)
    const queue = [...mutations]
    let missed = 0
    const work = async (tree: string): Promise<void> => {
      for (let mutation = queue.shift(); mutation !== undefined; mutation = queue.shift()) {
        const verdict = await tryMutation(tree, mutation)
        if (!verdict.isCaught) missed += 1
        console.log(`${verdict.isCaught ? 'caught' : 'MISSED'}  ${mutation.name}: ${verdict.text}`)
      }
    }
    await Promise.all(trees.map(work))
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0)
    console.log(`${mutations.length - missed} of ${mutations.length} mistakes caught in ${seconds} s`)
    process.exitCode = missed === 0 ? 0 : 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function copyTree(tree: string): string {
  for (const part of ['core', 'tests', 'package.json', 'tsconfig.json']) {
    cpSync(join(root, part), join(tree, part), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'))
  return tree
}

async function tryMutation(tree: string, mutation: Mutation): Promise<{ isCaught: boolean; text: string }> {
  const originals = new Map<string, string>()
  try {
    for (const { file, find, replace } of mutation.edits) {
      const path = join(tree, file)
      const source = readFileSync(path, 'utf8')
      if (!originals.has(path)) originals.set(path, source)
      const places = source.split(find).length - 1
      if (places !== 1) return { isCaught: false, text: `its place is ${places} times in ${file}, correct the table` }
      writeFileSync(
        path,
        source.replace(find, () => replace),
      )
    }
    const noticed = (await compare(tree, mutation.vectors)).filter(({ different }) => different > 0)
    return { isCaught: noticed.length > 0, text: noticed.length > 0 ? describe(noticed) : 'no vector differs' }
  } catch (error) {
    // A tree that does not run at all proves nothing about the vectors.
    return { isCaught: false, text: error instanceof Error ? error.message.slice(0, 600) : String(error) }
  } finally {
    for (const [path, source] of originals) writeFileSync(path, source)
  }
}

async function compare(tree: string, files: readonly string[]): Promise<Count[]> {
  const script = join('tests', 'golden', 'vectors', 'count-differences.ts')
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script, vectors, ...files], {
    cwd: tree,
    timeout: 120_000,
  })
  return JSON.parse(stdout) as Count[]
}

function describe(counts: readonly Count[]): string {
  return counts.map(({ name, compared, different }) => `${name} ${different}/${compared}`).join(', ')
}
