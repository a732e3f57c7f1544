/** `npm run bench -- NAME [--json] [--runs N]`: runs tests/bench/NAME.ts; without a name it lists the benches. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import type { BenchModule, BenchResult } from '#tests/support/bench'

const usageExit = 64
const folder = join(import.meta.dirname, '..', 'tests', 'bench')
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -'.ts'.length))
  .sort()

function printFigures(figures: BenchResult, indent: string): void {
  const width = Math.max(...Object.keys(figures).map((key) => key.length))
  for (const [key, value] of Object.entries(figures)) {
    if (typeof value === 'object' && value !== null && Object.keys(value).length > 0) {
      console.log(`${indent}${key}`)
      printFigures(value as BenchResult, `${indent}  `)
    } else {
      console.log(`${indent}${key.padEnd(width)}  ${value}`)
    }
  }
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      runs: { type: 'string', default: '100' },
      // For benches that use recorded prices.
      market: { type: 'string' },
      prompts: { type: 'string' },
      assets: { type: 'string' },
      limit: { type: 'string' },
      days: { type: 'string' },
    },
  })
  const [name, ...rest] = positionals
  const runs = Number(values.runs)
  if (name === undefined || rest.length > 0 || !names.includes(name)) {
    const what = name === undefined ? 'Name a bench' : `There is no bench "${positionals.join(' ')}"`
    console.error(`${what}; known: ${names.join(', ')}. Usage: npm run bench -- NAME [--json] [--runs N]`)
    return usageExit
  }
  if (!Number.isInteger(runs) || runs < 1) {
    console.error(`--runs is "${values.runs}", but must be a whole number of at least 1.`)
    return usageExit
  }
  const bench = (await import(pathToFileURL(join(folder, `${name}.ts`)).href)) as BenchModule
  if (!values.json) console.log(`${name}: ${bench.description}`)
  const { market, prompts, assets, limit, days } = values
  const given = Object.entries({ market, prompts, assets, limit, days }).filter(([, value]) => value !== undefined)
  const result = await bench.run({ runs, ...(Object.fromEntries(given) as Record<string, string>) })
  if (values.json) {
    console.log(JSON.stringify(result))
  } else {
    printFigures(result, '  ')
  }
  return 0
}

process.exitCode = await main().catch((error: unknown) => {
  if (!(error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))) throw error
  console.error(`${error.message} Usage: npm run bench -- NAME [--json] [--runs N]`)
  return usageExit
})
