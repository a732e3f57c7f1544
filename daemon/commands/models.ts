import type { Command } from 'commander'
import type { z } from 'zod'
import { examples } from '#core/base/cli/examples'
import type { Terminal } from '#core/base/cli/terminal'
import { writeJson } from '#core/base/cli/write-json'
import { InputError, UsageError } from '#core/base/errors/app-error'
import { printable } from '#core/base/text/printable'
import type { ModelInspection } from '#core/forecast/models/onnx/inspect-model'
import type { ManifestReading, ModelManifest } from '#core/forecast/models/onnx/manifest'
import { ModelsCheckShape, ModelsListShape } from './models-shapes.ts'

export interface ModelTrial {
  /** Undefined when the folder cannot be read. */
  list(): Promise<readonly string[] | undefined>
  /** Undefined: there is none, or it cannot be read. */
  readManifest(name: string): Promise<ManifestReading | undefined>
  inspect(name: string, deadlineMs: number): Promise<ModelInspection>
  stop(): Promise<void>
}

export interface ModelsCommandDeps {
  readonly terminal: Terminal
  readonly configured: () => { readonly dir?: string | undefined; readonly deadlineMs: number }
  readonly openTrial: (folder: string) => ModelTrial
}

export function addModelsCommand(program: Command, deps: ModelsCommandDeps): void {
  const models = program.command('models').description('inspect models that come as ONNX files or answer over HTTP')
  models
    .command('list')
    .description('show the manifests of a folder of models; runs nothing')
    .argument('[folder]', 'default: models.dir')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      examples('miner models list models/mine', 'miner models list --json --models.dir models/mine'),
    )
    .action((folder: string | undefined, options: { json?: boolean }) => listModels(deps, folder, options))
  models
    .command('check')
    .description('check hash, format, tensors and a trial run of each model, as the miner does before it serves one')
    .argument('[folder]', 'a folder of models, or the folder of one model; default: models.dir')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      examples('miner models check models/mine', 'miner models check --models.dir models/mine --json'),
    )
    .action((folder: string | undefined, options: { json?: boolean }) => checkModels(deps, folder, options))
}

export async function listModels(
  deps: ModelsCommandDeps,
  folder: string | undefined,
  options: { json?: boolean },
): Promise<void> {
  await withTrial(deps, folder, async (trial, names) => {
    const listed: z.input<typeof ModelsListShape>['models'] = []
    for (const name of names) {
      const reading = await trial.readManifest(name)
      if (reading?.ok === true) {
        const { description, file, url, sha256, format, serves, grid } = reading.manifest
        listed.push({ name, description, file, url, sha256, format, serves, grid })
        if (options.json !== true) deps.terminal.write(printable(`${name}  ${describeManifest(reading.manifest)}`))
      } else {
        const problem = reading?.reason ?? 'manifest.json is missing or cannot be read'
        listed.push({ name, problem })
        if (options.json !== true) deps.terminal.write(printable(`${name}  ${problem}`))
      }
    }
    if (options.json === true) writeJson(deps.terminal, ModelsListShape, { models: listed })
  })
}

export async function checkModels(
  deps: ModelsCommandDeps,
  folder: string | undefined,
  options: { json?: boolean },
): Promise<void> {
  const { deadlineMs } = deps.configured()
  await withTrial(deps, folder, async (trial, names) => {
    const inspections: ModelInspection[] = []
    for (const name of names) {
      const inspection = await trial.inspect(name, deadlineMs)
      inspections.push(inspection)
      if (options.json !== true) deps.terminal.write(describeInspection(inspection))
    }
    if (options.json === true) writeJson(deps.terminal, ModelsCheckShape, { models: inspections.map(factsOf) })
    const refused = inspections.filter(({ refusal }) => refusal !== undefined)
    if (refused.length > 0) {
      throw new InputError(
        'MODEL_REFUSED',
        `${refused.length} of ${names.length} models cannot be served: ${refused.map(({ name }) => name).join(', ')}.`,
      )
    }
  })
}

async function withTrial(
  deps: ModelsCommandDeps,
  folder: string | undefined,
  work: (trial: ModelTrial, names: readonly string[]) => Promise<void>,
): Promise<void> {
  const path = folder ?? deps.configured().dir
  if (path === undefined) {
    throw new UsageError('USAGE', 'No folder of models is named.', { hint: 'Give one, or set models.dir.' })
  }
  const trial = deps.openTrial(path)
  try {
    const names = await trial.list()
    if (names === undefined) throw new InputError('INPUT_FILE_UNREADABLE', `${path} is not a folder that can be read.`)
    if (names.length === 0) {
      throw new InputError('INPUT_INVALID', `${path} holds no models.`, {
        hint: 'Each model is a folder with manifest.json and its .onnx file or a url; see models/README.md.',
      })
    }
    await work(trial, names)
  } finally {
    await trial.stop()
  }
}

function describeManifest({ serves, grid, sha256 }: ModelManifest): string {
  const steps = `${grid.steps} steps of ${grid.stepSeconds} s`
  return `${serves.assets.join(', ')} (${serves.horizons.join(', ')}), ${steps}, ${sha256.slice(0, 12)}`
}

function describeInspection({ name, manifest, opened, dryRun, goldenDifference, refusal }: ModelInspection): string {
  const lines = [`${name}: ${refusal === undefined ? 'can be served' : `cannot be served, ${refusal.reason}`}`]
  if (manifest !== undefined) {
    lines.push(`  serves   ${describeManifest(manifest)}`, `  sha256   ${manifest.sha256}`)
  }
  if (manifest?.url !== undefined) lines.push(`  asks     ${manifest.url}`)
  if (opened !== undefined) {
    const { format, sizeBytes, openMs } = opened
    const producer = format.producer === '' ? '' : `, by ${format.producer}`
    lines.push(`  file     ${sizeBytes} bytes, IR ${format.ir}, opset ${format.opset}${producer}`)
    lines.push(`  opened   in ${openMs.toFixed(1)} ms`)
  }
  if (dryRun !== undefined) {
    const percent = (sd: number): string => `${(100 * sd).toPrecision(3)} %`
    lines.push(`  runs     in ${dryRun.runMs.toFixed(2)} ms, the first in ${dryRun.firstMs.toFixed(2)} ms`)
    lines.push(
      `  forecast ${percent(dryRun.calmSd)} over its horizon after a calm market, ${percent(dryRun.livelySd)} after one ten times as lively`,
    )
  }
  if (goldenDifference !== undefined) {
    lines.push(`  golden   within ${goldenDifference.toExponential(1)} of golden.json`)
  }
  return lines.map(printable).join('\n')
}

function factsOf({ name, manifest, opened, dryRun, goldenDifference, refusal }: ModelInspection) {
  return {
    name,
    canBeServed: refusal === undefined,
    problem: refusal === undefined ? null : { kind: refusal.problem, reason: refusal.reason },
    sha256: manifest?.sha256 ?? null,
    serves: manifest?.serves ?? null,
    grid: manifest?.grid ?? null,
    file: opened === undefined ? null : { sizeBytes: opened.sizeBytes, ...opened.format, openMs: opened.openMs },
    dryRun: dryRun === undefined ? null : trialOf(dryRun),
    goldenDifference: goldenDifference ?? null,
  }
}

function trialOf({ runMs, firstMs, calmSd, livelySd }: NonNullable<ModelInspection['dryRun']>) {
  return { runMs, firstMs, calmSd, livelySd }
}
