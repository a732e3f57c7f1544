import type { StorageRounding } from '#core/synth/regimes/regime'
import type { PathMatrix } from '#core/synth/scoring/crps'

/** What a prediction answers. */
export interface FilePrompt {
  readonly asset: string
  readonly startAtMs: number
  readonly timeLengthSeconds: number
}

/** One prediction in a folder: a file, or one row of a file of a whole day. */
export interface FileEntry {
  /** Under the folder, with `/`. */
  readonly file: string
  readonly row: number
  readonly byteCount: number
  readonly modifiedAtMs: number
  /** As the file's name or its index says it; undefined when only the content does. */
  readonly prompt: FilePrompt | undefined
}

export interface FileContent {
  /** What the content says about itself. */
  readonly prompt: Partial<FilePrompt> & { readonly stepSeconds?: number }
  readonly paths: PathMatrix
  /** The answer as it is sent: the validator's own check applies to it. */
  readonly isAnswer: boolean
  /** No digit rule since July 2026 can refuse a number of it. */
  readonly isShort: boolean
}

export type FileReading =
  | ({ readonly kind: 'paths' } & FileContent)
  /** JSON that the fast reader does not know: the careful one says what it is. */
  | { readonly kind: 'text' }
  | { readonly kind: 'unreadable'; readonly detail: string }

/** Why a prediction has no score. The validator counts all but `unreadable` as a miss. */
export type FileProblem = 'refused' | 'zeroPrice' | 'notFinite' | 'notScorable' | 'unreadable'

export interface FileScore extends FilePrompt {
  readonly file: string
  readonly row: number
  readonly byteCount: number
  readonly modifiedAtMs: number
  readonly regime: string
  readonly storage: StorageRounding
  readonly pathCount: number
  readonly total: number | null
  readonly problem: FileProblem | null
  readonly detail: string
  readonly realPoints: number
  readonly realKnown: number
  /** The realised path is the one that the validator published. */
  readonly isPublished: boolean
}

export interface FileScoreStore {
  list(folder: string): readonly FileScore[]
  save(folder: string, scores: readonly FileScore[]): void
}

const nameText = /(?:^|\/)(\d{4}-\d\d-\d\d)_(\d\d)[:-](\d\d)[:-](\d\d)Z_([A-Za-z0-9.]+)_(\d{1,7})\.(?:json|parquet)$/

/** `2026-09-25_12:01:00Z_BTC_3600.json`: start, asset and length, as the subnet team's backtester names its files. */
export function promptOfName(file: string): FilePrompt | undefined {
  const [, day, hour, minute, second, asset, length] = nameText.exec(file) ?? []
  const startAtMs = Date.parse(`${day}T${hour}:${minute}:${second}Z`)
  if (asset === undefined || !Number.isFinite(startAtMs)) return undefined
  return { asset, startAtMs, timeLengthSeconds: Number(length) }
}
