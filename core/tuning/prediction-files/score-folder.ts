import { z } from 'zod'
import type { JobRunner } from '#core/base/engine/job-handlers'
import type { JsonValue } from '#core/base/json/strict-json'
import type { PromptWindow, RealisedPathAnswer, RealisedPathFailure } from '#core/market/venues/realised-paths'
import type { StorageRounding } from '#core/synth/regimes/regime'
import type { ReplayRules } from '../replay/replay-rules.ts'
import type { FileEntry, FilePrompt, FileScore, FileScoreStore } from './prediction-file.ts'

/** The unit of work of a thread: some files and the real prices of their prompts. */
export const scoreFilesKind = 'files.score'

const Prompt = z.strictObject({ asset: z.string(), startAtMs: z.int(), timeLengthSeconds: z.int() })

export const ScoreFilesInput = z.strictObject({
  folder: z.string(),
  regime: z.string().nullable(),
  storage: z.enum(['float64', 'float32']).nullable(),
  files: z.array(
    z.strictObject({ file: z.string(), row: z.int(), prompt: Prompt, real: z.array(z.number().nullable()) }),
  ),
})

export const ScoreFilesResult = z.array(
  z.strictObject({
    total: z.number().nullable(),
    problem: z.enum(['refused', 'zeroPrice', 'notFinite', 'notScorable', 'unreadable']).nullable(),
    detail: z.string(),
    pathCount: z.int(),
  }),
)

export interface ScoreFolderDeps {
  readonly list: (folder: string) => readonly FileEntry[]
  /** From the content, for a file whose name does not say it. */
  readonly promptOf: (folder: string, entry: FileEntry) => Promise<FilePrompt | undefined>
  readonly store: FileScoreStore
  readonly rulesOf: (prompt: FilePrompt, regime: string | undefined) => ReplayRules
  readonly realised: { read(prompt: PromptWindow, signal?: AbortSignal): Promise<RealisedPathAnswer> }
  readonly runner: JobRunner
}

export interface ScoreFolderOptions {
  readonly regime: string | undefined
  readonly storage: StorageRounding | undefined
  /** Score again what has a score. */
  readonly again: boolean
  readonly signal?: AbortSignal
  readonly onProgress?: (done: number, total: number) => void
}

export interface FolderScores {
  readonly folder: string
  /** Of the predictions that are in the folder now. */
  readonly scores: readonly FileScore[]
  /** Scored by this run; the others had their score. */
  readonly fresh: number
  /** No real prices yet, or none any more. */
  readonly waiting: readonly (FilePrompt & {
    readonly file: string
    readonly reason: RealisedPathFailure
    readonly message: string
  })[]
  /** Not a prediction, or of no prompt that the rules know; not stored. */
  readonly strange: readonly { readonly file: string; readonly reason: string }[]
  /** Not reached, because the run was stopped. */
  readonly left: number
}

const filesPerJob = 8

export async function scoreFolder(
  { list, promptOf, store, rulesOf, realised, runner }: ScoreFolderDeps,
  folder: string,
  { regime, storage, again, signal, onProgress }: ScoreFolderOptions,
): Promise<FolderScores> {
  const entries = list(folder)
  const known = new Map(store.list(folder).map((score) => [keyOf(score), score]))
  const present: FileScore[] = []
  const strange: { file: string; reason: string }[] = []
  const waiting: FolderScores['waiting'][number][] = []
  let [done, fresh, left] = [0, 0, 0]
  let batch: FileToDo[] = []
  const running = new Set<Promise<void>>()
  const report = (count: number) => {
    done += count
    onProgress?.(done, entries.length)
  }

  const runBatch = async (files: readonly FileToDo[]): Promise<void> => {
    const input = {
      folder,
      regime: regime ?? null,
      storage: storage ?? null,
      files: files.map(({ entry, prompt, real }) => ({
        ...{ file: entry.file, row: entry.row, prompt },
        real: Array.from(real, (price) => (Number.isNaN(price) ? null : price)),
      })),
    }
    const reply = await runner.run({ kind: scoreFilesKind, input: input as unknown as JsonValue })
    if (!reply.ok) throw new Error(reply.reason)
    const scores = ScoreFilesResult.parse(reply.result).map((outcome, i): FileScore => {
      const { entry, prompt, real, isPublished, ...rules } = files[i]!
      const { file, row, byteCount, modifiedAtMs } = entry
      const realKnown = real.reduce((count, price) => count + (Number.isNaN(price) ? 0 : 1), 0)
      return {
        ...{ file, row, byteCount, modifiedAtMs, ...prompt, ...outcome, isPublished },
        ...{ regime: rules.regimeId, storage: rules.storage, realPoints: real.length, realKnown },
      }
    })
    store.save(folder, scores)
    present.push(...scores)
    fresh += scores.length
    report(files.length)
  }
  const start = async (files: readonly FileToDo[]): Promise<void> => {
    const work: Promise<void> = runBatch(files).finally(() => running.delete(work))
    running.add(work)
    if (running.size > runner.capacity) await Promise.race(running)
  }

  for (const entry of entries) {
    if (signal?.aborted === true) {
      left += 1
      continue
    }
    const before = known.get(keyOf(entry))
    const isSame = before?.byteCount === entry.byteCount && before.modifiedAtMs === entry.modifiedAtMs
    const prompt = isSame ? promptIn(before) : (entry.prompt ?? (await promptOf(folder, entry)))
    if (prompt === undefined) {
      strange.push({ file: entry.file, reason: 'neither its name nor its content says asset, start and length' })
      report(1)
      continue
    }
    const rules = rulesOf(prompt, regime)
    if (!rules.ok) {
      strange.push({ file: entry.file, reason: rules.reason })
      report(1)
      continue
    }
    const wanted = storage ?? rules.rule.rounding
    if (isSame && !again && before.regime === rules.regimeId && before.storage === wanted) {
      present.push(before)
      report(1)
      continue
    }
    const real = await realised.read({ ...prompt, stepSeconds: rules.rule.stepSeconds }, signal)
    if (!real.ok) {
      waiting.push({ file: entry.file, ...prompt, reason: real.reason, message: real.message })
      report(1)
      continue
    }
    const isPublished = real.origin === 'archive'
    batch.push({ entry, prompt, real: real.prices, isPublished, regimeId: rules.regimeId, storage: wanted })
    if (batch.length < filesPerJob) continue
    await start(batch)
    batch = []
  }
  if (batch.length > 0) await start(batch)
  await Promise.all(running)
  return { folder, scores: present, fresh, waiting, strange, left }
}

interface FileToDo {
  readonly entry: FileEntry
  readonly prompt: FilePrompt
  readonly real: Float64Array
  readonly isPublished: boolean
  readonly regimeId: string
  readonly storage: StorageRounding
}

function promptIn({ asset, startAtMs, timeLengthSeconds }: FilePrompt): FilePrompt {
  return { asset, startAtMs, timeLengthSeconds }
}

function keyOf({ file, row }: Pick<FileEntry, 'file' | 'row'>): string {
  return `${row} ${file}`
}
