import type { PartHealth } from '#core/base/health/health-board'
import type { FeatureBook } from './feature-book.ts'
import { inspectModel, type ModelFolder, type ModelRefusal } from './inspect-model.ts'
import { OnnxModel, type OnnxModelDeps, type OnnxModelOptions } from './onnx-model.ts'

export interface OnnxShelfDeps extends OnnxModelDeps {
  readonly folder: ModelFolder
  readonly features: FeatureBook
}

interface Served {
  readonly model: OnnxModel
  readonly manifestText: string
}

const prefix = 'onnx:'

/**
 * The models of a folder that passed every check. A model that fails is left out with an event, and the ladder uses the
 * built-in ones. Nothing about a model file ever stops the miner.
 */
export class OnnxShelf {
  readonly #deps: OnnxShelfDeps
  readonly #options: OnnxModelOptions
  readonly #served = new Map<string, Served>()
  readonly #refused = new Map<string, ModelRefusal & { readonly isProcess: boolean }>()
  #folderIsReadable = true
  #isLoaded = false

  constructor(deps: OnnxShelfDeps, options: OnnxModelOptions) {
    this.#deps = deps
    this.#options = options
  }

  /** Can be called again: an unchanged model stays, a changed one is checked first and replaced only if it is good. */
  async load(): Promise<void> {
    const { folder, log } = this.#deps
    const names = await folder.list()
    this.#folderIsReadable = names !== undefined
    if (names === undefined) {
      log.warn(
        { event: 'model_fallback', reason: 'missing', detail: `${folder.path} cannot be read` },
        'The folder of models cannot be read; built-in models serve',
      )
    }
    for (const name of names ?? []) await this.#loadOne(name)
    for (const name of this.#refused.keys()) if (!(names ?? []).includes(name)) this.#refused.delete(name)
    this.#isLoaded = true
  }

  /** Models that are other processes may start after the miner, or come with a new manifest. */
  async askAgain(): Promise<void> {
    if (!this.#isLoaded) return
    const refused = [...this.#refused].flatMap(([name, { isProcess }]) => (isProcess ? [name] : []))
    const failing = [...this.#served].flatMap(([name, { model }]) =>
      model.manifest.url !== undefined && model.condition.state !== 'ok' ? [name] : [],
    )
    for (const name of new Set([...refused, ...failing])) await this.#loadOne(name)
  }

  /** By the name that a champion has, `onnx:<name>`. */
  find(name: string): OnnxModel | undefined {
    return name.startsWith(prefix) ? this.#served.get(name.slice(prefix.length))?.model : undefined
  }

  /** Why `find` finds nothing, for the record of a fallback. */
  whyNot(name: string): string {
    const refusal = this.#refused.get(name.slice(prefix.length))
    if (refusal !== undefined) return refusal.reason
    return this.#isLoaded ? `no model ${name} in ${this.#deps.folder.path}` : 'models are still being checked'
  }

  models(): readonly OnnxModel[] {
    return [...this.#served.values()].map(({ model }) => model)
  }

  health(): PartHealth {
    const { path } = this.#deps.folder
    if (!this.#folderIsReadable) {
      return {
        state: 'degraded',
        sentence: `The folder of models ${path} cannot be read; built-in models serve.`,
        hint: 'Check models.dir.',
      }
    }
    const problems = [...this.#refused].map(([name, { reason }]) => `${name}: ${reason}`)
    for (const { model } of this.#served.values()) {
      const { condition } = model
      if (condition.state !== 'ok') problems.push(`${model.manifest.name}: ${condition.reason}`)
    }
    if (problems.length > 0) {
      const hint = `Run "miner models check ${path}".`
      return { state: 'degraded', sentence: `${problems.join('; ')}. Other models serve instead.`, hint }
    }
    if (!this.#isLoaded) return { state: 'ok', sentence: 'Models are being checked.' }
    return { state: 'ok', sentence: `${this.#served.size} models of ${path} checked and ready.` }
  }

  async #loadOne(name: string): Promise<void> {
    const { folder, runtime, features, log } = this.#deps
    const before = this.#served.get(name)
    if (before !== undefined && (await folder.readText(name, 'manifest.json')) === before.manifestText) return
    const { manifest, manifestText, opened, dryRun, refusal } = await inspectModel(
      { folder, runtime, features },
      name,
      this.#options.deadlineMs,
    )
    if (refusal !== undefined) {
      const isKnown = this.#refused.get(name)?.reason === refusal.reason
      this.#refused.set(name, { ...refusal, isProcess: manifest?.url !== undefined })
      if (isKnown) return
      log.warn(
        { event: 'model_fallback', model: `${prefix}${name}`, reason: refusal.problem, detail: refusal.reason },
        before === undefined ? 'A model cannot be served' : 'A changed model cannot be served; the previous one stays',
      )
      return
    }
    this.#refused.delete(name)
    const model = new OnnxModel(this.#deps, manifest!, this.#options)
    this.#served.set(name, { model, manifestText: manifestText! })
    if (before !== undefined && before.model.version !== model.version) await runtime.release(before.model.version)
    log.info(
      {
        event: 'model.loaded',
        model: model.name,
        modelHash: model.version,
        sizeBytes: opened?.sizeBytes,
        durationMs: dryRun?.runMs,
      },
      'Model checked and ready',
    )
  }
}
