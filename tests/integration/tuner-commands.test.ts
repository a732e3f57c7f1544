import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { groupHelp, leafCommands } from '#tests/support/command-tree'
import { folderForAll, temporaryFolder } from '#tests/support/temporary-folder'
import { openTunerLab, runTuner, splitLine, type TunerLab } from '#tests/support/tuner-lab'
import { composeTuner } from '#tuner/compose-program'
import { tunerShapes } from '#tuner/json-shapes'

const outside = {
  packageRoot: join(import.meta.dirname, '..', '..'),
  argv: [],
  env: {},
  terminal: { write: () => {}, warn: () => {}, columns: undefined, hasColor: false },
  progress: { update: () => {}, stop: () => {} },
  clock: systemClock,
  threads: 1,
  interrupted: () => new AbortController().signal,
  runningMiners: () => [],
}
const commands = leafCommands(composeTuner(outside))
const examples = commands.flatMap(({ words, examples }) => examples.map((line) => ({ words, line })))
/** They write a script for a shell. */
const withoutJson = ['completion']
/** Each run takes seconds, and its lines are those of `runs show`. */
const oncePiped = ['train']

let lab: TunerLab
beforeAll(async () => {
  lab = await openTunerLab(folderForAll())
}, 120_000)
afterAll(() => lab.stop())

const wordsOf = (line: string): string[] => splitLine(line.replace(/ > \S+$/, '')).slice(1)

/** Colours, and whatever else steers a terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
const steering = /\u001b\[[0-9;?]*[A-Za-z]/g
const pageWidth = 80
/** Names that are copied from here or into a shell, and JSON lines, are not broken. */
const isPage = (line: string): boolean => [...line].length <= pageWidth || line.startsWith('{')

describe('every command of the tuner', () => {
  it('has examples in its help, and help that fits 80 columns', () => {
    expect(commands.filter(({ examples }) => examples.length === 0).map(({ words }) => words)).toEqual([])
    const help = [...commands.flatMap(({ help }) => help), ...groupHelp(composeTuner(outside))]
    expect(help.filter((line) => line.length > 80)).toEqual([])
  })
  it('has --json and a documented shape, and no shape is left of a command that is gone', () => {
    const expected = commands.map(({ words }) => words).filter((words) => !withoutJson.includes(words))
    expect(Object.keys(tunerShapes).sort()).toEqual(expected.sort())
    const without = commands.filter(({ command }) => !command.options.some(({ long }) => long === '--json'))
    expect(without.map(({ words }) => words)).toEqual(withoutJson)
  })
})

describe.each(commands.filter(({ words }) => ![...withoutJson, ...oncePiped].includes(words)))(
  'tuner $words',
  ({ examples }) => {
    it('says on a narrow and on a wide terminal what it says in a pipe, but for colours', async () => {
      // The last one is the cheapest where they differ.
      const example = examples.filter((line) => !line.includes(' --json')).at(-1)!
      const on = async (terminal: { columns?: number; hasColor?: boolean }) => {
        const cwd = lab.copyTo(temporaryFolder())
        const { lines } = await runTuner(wordsOf(example), { cwd, ...terminal })
        return lines.map((text) => text.replace(steering, '').replace(cwd, 'FOLDER'))
      }
      const piped = await on({})
      expect(await on({ columns: 60, hasColor: true })).toEqual(piped)
      expect(await on({ columns: 200, hasColor: true })).toEqual(piped)
    })
  },
)

describe.each(examples)('$line', ({ words, line }) => {
  it('runs as it stands, in a pipe without colours and within 80 columns', async () => {
    const cwd = lab.copyTo(temporaryFolder())
    const piped = await runTuner(wordsOf(line), { cwd })
    expect(piped.warnings.filter((warning) => /^[A-Z_]+: /.test(warning))).toEqual([])
    expect(piped.exitCode).toBe(0)
    expect(piped.lines.filter((text) => text.includes('\u001b'))).toEqual([])
    if (!line.includes(' --json')) expect(piped.lines.filter((text) => !isPage(text))).toEqual([])
  })
  it.skipIf(withoutJson.includes(words))('prints JSON of its documented shape, and nothing else', async () => {
    const cwd = lab.copyTo(temporaryFolder())
    const asked = [...wordsOf(line), ...(line.includes(' --json') ? [] : ['--json'])]
    const { exitCode, lines } = await runTuner(asked, { cwd, columns: 80, hasColor: true })
    expect(exitCode).toBe(0)
    const documents = words === 'journal export' && !line.includes(' --out') ? lines : [lines.join('\n')]
    for (const text of documents) {
      const value: unknown = JSON.parse(text)
      const readings = tunerShapes[words]!.map(({ shape }) => shape.safeParse(value))
      expect(
        readings.some(({ success }) => success),
        String(readings[0]!.error),
      ).toBe(true)
    }
  })
})
