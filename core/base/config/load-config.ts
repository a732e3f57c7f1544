import type { z } from 'zod'
import { ConfigError } from '../errors/app-error.ts'
import { deepFreeze } from '../json/deep-freeze.ts'
import { nearestName } from '../text/nearest-name.ts'
import { type ConfigLeaf, schemaLeaves } from './schema-leaves.ts'

export type ConfigSource = 'flag' | 'environment' | 'file' | 'default'

export interface LoadConfigInput<S extends z.ZodObject> {
  readonly schema: S
  /** Only the configuration flags: `--axon.port 9000` or `--axon.port=9000`. */
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** The parsed configuration file, or undefined when there is none. */
  readonly file?: { readonly name: string; readonly values: unknown } | undefined
  /** Sections of the shared file that belong to the other program. */
  readonly foreignSections?: readonly string[]
}

export interface LoadedConfig<T> {
  readonly config: T
  readonly sources: Readonly<Record<string, ConfigSource>>
  readonly leaves: readonly ConfigLeaf[]
}

const envPrefix = 'VOLCAST_'

type Tree = { [key: string]: unknown }

/** `axon.requestTimeoutMs` is VOLCAST_AXON_REQUEST_TIMEOUT_MS in the environment. */
export function envName(key: string): string {
  return (
    envPrefix +
    key
      .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
      .replaceAll('.', '_')
      .toUpperCase()
  )
}

/** Pure: flags > environment > file > default. It reports all problems together. */
export function loadConfig<S extends z.ZodObject>(input: LoadConfigInput<S>): LoadedConfig<z.output<S>> {
  const leaves = schemaLeaves(input.schema)
  const problems: string[] = []
  const sources: Record<string, ConfigSource> = Object.fromEntries(leaves.map((leaf) => [leaf.key, 'default']))
  const values: Tree = {}

  for (const [key, value] of fileEntries(input, problems)) {
    setAt(values, key, value)
    // A leaf may be a table itself; its entries have keys below its own.
    const isSame = (leaf: string): boolean => `${leaf}.`.startsWith(`${key}.`) || `${key}.`.startsWith(`${leaf}.`)
    for (const leaf of leaves) if (isSame(leaf.key)) sources[leaf.key] = 'file'
  }
  for (const leaf of leaves) {
    const text = input.env[envName(leaf.key)]
    if (text === undefined || text === '') continue
    setAt(values, leaf.key, coerce(leaf, text))
    sources[leaf.key] = 'environment'
  }
  checkEnvironmentNames(input, leaves, problems)
  for (const [key, text] of flagEntries(input.argv, problems)) {
    const leaf = leaves.find((candidate) => candidate.key === key)
    if (leaf === undefined) {
      problems.push(
        `Flag --${key} is unknown.${suggest(
          key,
          leaves.map((known) => known.key),
          '--',
        )}`,
      )
      continue
    }
    if (text === undefined && leaf.kind !== 'boolean') {
      problems.push(`Flag --${key} needs a value: --${key} <${leaf.type}>.`)
      continue
    }
    setAt(values, key, coerce(leaf, text ?? 'true'))
    sources[key] = 'flag'
  }

  const parsed = input.schema.safeParse(values)
  if (!parsed.success) {
    for (const issue of parsed.error.issues) problems.push(...describeIssue(issue, leaves, sources, input.file?.name))
  }
  if (problems.length > 0 || !parsed.success) {
    throw new ConfigError('CONFIG_INVALID', problems.join('\n'), { details: { problems: problems.length } })
  }
  return { config: deepFreeze(parsed.data), sources, leaves }
}

function fileEntries<S extends z.ZodObject>(input: LoadConfigInput<S>, problems: string[]): [string, unknown][] {
  const values = input.file?.values
  if (values === undefined || values === null) return []
  if (!isTree(values)) {
    problems.push(
      `${input.file?.name}: the file must hold sections, such as "axon:", not a ${Array.isArray(values) ? 'list' : typeof values}.`,
    )
    return []
  }
  const foreign = new Set(input.foreignSections ?? [])
  return (
    Object.entries(values)
      .filter(([section]) => !foreign.has(section))
      // A section whose lines are all commented out is null in YAML.
      .flatMap(([section, value]) => (value === null ? [] : flatten(value, section)))
  )
}

/** Keeps unknown keys, so that the schema can name them. */
function flatten(value: unknown, key: string): [string, unknown][] {
  if (!isTree(value) || Object.keys(value).length === 0) return [[key, value]]
  return Object.entries(value).flatMap(([name, child]) => flatten(child, `${key}.${name}`))
}

function* flagEntries(argv: readonly string[], problems: string[]): Generator<[string, string | undefined]> {
  for (let i = 0; i < argv.length; i += 1) {
    const word = argv[i]!
    const equals = word.indexOf('=')
    if (!word.startsWith('--')) {
      problems.push(`"${word}" is not a setting; write --section.key value.`)
    } else if (equals > 0) {
      yield [word.slice(2, equals), word.slice(equals + 1)]
    } else if (i + 1 < argv.length && !argv[i + 1]!.startsWith('--')) {
      i += 1
      yield [word.slice(2), argv[i]!]
    } else {
      yield [word.slice(2), undefined]
    }
  }
}

/** Variables that are not settings: where the file is, and what the tests and benchmarks read. */
const reservedVariables = /^VOLCAST_(CONFIG|PYTHON|LONG_TESTS|FUZZ_.*|TEST_.*)$/

/** A misspelt VOLCAST_ variable would otherwise have no effect, without any message. */
function checkEnvironmentNames(
  input: LoadConfigInput<z.ZodObject>,
  leaves: readonly ConfigLeaf[],
  problems: string[],
): void {
  const known = leaves.map((leaf) => envName(leaf.key))
  const foreign = (input.foreignSections ?? []).map((section) => `${envName(section)}_`)
  for (const name of Object.keys(input.env)) {
    if (!name.startsWith(envPrefix) || known.includes(name) || reservedVariables.test(name)) continue
    if (foreign.some((prefix) => name.startsWith(prefix))) continue
    problems.push(`Environment variable ${name} is unknown.${suggest(name, known, '')}`)
  }
}

function coerce(leaf: ConfigLeaf, text: string): unknown {
  switch (leaf.kind) {
    case 'number':
      return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text
    case 'list':
      return text.trimStart().startsWith('[')
        ? parseJson(text)
        : text
            .split(',')
            .map((item) => item.trim())
            .filter((item) => item !== '')
    case 'json':
      return parseJson(text)
    case 'string':
      return text
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function describeIssue(
  issue: z.core.$ZodIssue,
  leaves: readonly ConfigLeaf[],
  sources: Readonly<Record<string, ConfigSource>>,
  fileName: string | undefined,
): string[] {
  const at = issue.path.map(String).join('.')
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((name) => {
      const key = at === '' ? name : `${at}.${name}`
      return `${fileName ?? 'configuration'}: ${key} is unknown.${suggest(key, siblings(at, leaves), '')}`
    })
  }
  // A section that is not an object can only come from the file.
  const source = sources[at] ?? (fileName === undefined ? undefined : 'file')
  const where =
    source === 'flag'
      ? `--${at}`
      : source === 'environment'
        ? envName(at)
        : source === 'file'
          ? `${fileName}: ${at}`
          : at
  return [`${where}: ${issue.message}.`]
}

/** The names next to a key; if there are none, all keys. */
function siblings(section: string, leaves: readonly ConfigLeaf[]): string[] {
  const prefix = section === '' ? '' : `${section}.`
  const names = leaves
    .filter((leaf) => leaf.key.startsWith(prefix))
    .map((leaf) => prefix + leaf.key.slice(prefix.length).split('.')[0])
  return [...new Set([...names, ...leaves.map((leaf) => leaf.key)])]
}

function suggest(key: string, known: readonly string[], mark: string): string {
  const close = nearestName(key, known)
  return close === undefined ? '' : ` Did you mean ${mark}${close}?`
}

function setAt(tree: Tree, key: string, value: unknown): void {
  const path = key.split('.')
  const last = path.pop()!
  let node = tree
  for (const name of path) {
    const next = Object.hasOwn(node, name) ? node[name] : undefined
    const child: Tree = isTree(next) ? next : {}
    Object.defineProperty(node, name, { value: child, enumerable: true, writable: true, configurable: true })
    node = child
  }
  Object.defineProperty(node, last, { value, enumerable: true, writable: true, configurable: true })
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
