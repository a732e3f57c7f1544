import { readdir } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { InputError } from '#core/base/errors/app-error'
import { messageOf } from '#core/base/errors/message-of'
import type { FeatureBook } from '#core/forecast/models/onnx/feature-book'
import type { Component } from './component.ts'
import { ComponentTable } from './component-table.ts'
import { loadFeatures, loadFeaturesOf, ownFeatures } from './load-features.ts'

/** Every component that recipes can name. */
export interface Components {
  readonly blocks: ComponentTable<'block'>
  readonly heads: ComponentTable<'head'>
  readonly losses: ComponentTable<'loss'>
  readonly features: FeatureBook
}

/** Folders beside this one whose files are components, in sources and in the compiled form alike. */
const ownFolders = ['blocks', 'heads', 'losses']

/** Files that are not components, all of them. */
export class ComponentError extends InputError {
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super('COMPONENT_INVALID', problems.join('\n'))
    this.problems = problems
  }
}

/**
 * Imports every file of the component folders. `further` are folders of the user: their files, and those of their
 * folders named as ours, `features` too. Throws ComponentError.
 */
export async function discoverComponents(further: readonly string[] = []): Promise<Components> {
  const root = join(import.meta.dirname, '..')
  const folders = [
    ...ownFolders.map((name) => join(root, name)),
    ...further.flatMap((folder) => [folder, ...ownFolders.map((name) => join(folder, name))]),
  ]
  const problems: string[] = []
  const known = new Map<string, { readonly component: Component; readonly file: string }>()
  for (const file of (await Promise.all(folders.map(componentFiles))).flat()) {
    const found = await readComponent(file)
    if (!found.ok) {
      problems.push(`${file}: ${found.sentence}`)
      continue
    }
    const { component } = found
    const key = `${component.kind} ${component.name}`
    const other = known.get(key)
    if (other === undefined) known.set(key, { component, file })
    else problems.push(`${file}: there is a ${key} already, in ${other.file}`)
  }
  for (const folder of further) {
    if (!(await exists(folder))) problems.push(`${folder}: there is no such folder`)
  }
  const features = await readFeatures(further).catch((error: unknown) => messageOf(error))
  if (typeof features === 'string') problems.push(features)
  if (problems.length > 0 || typeof features === 'string') throw new ComponentError(problems)
  const components = [...known.values()].map(({ component }) => component)
  return {
    blocks: new ComponentTable('block', components),
    heads: new ComponentTable('head', components),
    losses: new ComponentTable('loss', components),
    features,
  }
}

async function readFeatures(further: readonly string[]): Promise<FeatureBook> {
  const folders = further.map((folder) => join(folder, 'features'))
  const known: string[] = []
  for (const folder of folders) if (await exists(folder)) known.push(folder)
  return known.length === 0 ? loadFeatures() : loadFeaturesOf([ownFeatures, ...known])
}

async function exists(folder: string): Promise<boolean> {
  return readdir(folder).then(
    () => true,
    () => false,
  )
}

async function componentFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [])
  return names
    .filter((name) => /[.](ts|js|mjs)$/.test(name) && !/[.](test|d)[.](ts|js|mjs)$|[.]property[.]/.test(name))
    .sort()
    .map((name) => join(folder, name))
}

type Reading = { readonly ok: true; readonly component: Component } | { readonly ok: false; readonly sentence: string }

async function readComponent(file: string): Promise<Reading> {
  let content: { default?: unknown }
  try {
    content = (await import(pathToFileURL(file).href)) as { default?: unknown }
  } catch (error) {
    return { ok: false, sentence: `it cannot be imported: ${messageOf(error)}` }
  }
  const found = content.default
  if (typeof found !== 'object' || found === null) {
    return { ok: false, sentence: 'its default export is not a component; helpers have their place in another folder' }
  }
  const component = found as Partial<Component>
  const sentence = faultOf(component, basename(file, extname(file)))
  return sentence === undefined ? { ok: true, component: found as Component } : { ok: false, sentence }
}

function faultOf(component: Partial<Component>, fileName: string): string | undefined {
  const { kind, name, description, settings, build } = component
  if (kind === undefined || !['block', 'head', 'loss'].includes(kind)) {
    return 'it has no known kind; make it with defineBlock, defineHead or defineLoss'
  }
  if (typeof name !== 'string' || !/^[a-z][a-z0-9_]*$/.test(name)) {
    return `its name ${JSON.stringify(name)} is not of small letters, digits and underscores`
  }
  if (name.replaceAll('_', '') !== fileName.replaceAll('-', '')) return `the file is not named as its component ${name}`
  if (typeof description !== 'string' || description === '') return `${kind} ${name} has no description`
  if (typeof settings?.safeParse !== 'function') return `${kind} ${name} has no schema of its settings`
  if (typeof build !== 'function') return `${kind} ${name} has no function build`
  if (component.kind !== 'block') return undefined
  const { keepsLength, keepsWidth, leastLength } = component
  return typeof keepsLength === 'boolean' && typeof keepsWidth === 'boolean' && Number.isInteger(leastLength)
    ? undefined
    : `block ${name} does not say keepsLength, keepsWidth and leastLength`
}
