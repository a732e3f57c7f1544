import { canonicalJson } from '../json/canonical-json.ts'
import type { JsonValue } from '../json/strict-json.ts'
import type { HashText } from '../text/hash-text.ts'

/**
 * A small piece of work that may be done twice, anywhere, with the same result. Its key is the hash of its content, so
 * the same work is the same job when another run or another machine asks for it. Everything that the result depends on
 * (parameters, versions, seeds) must therefore be in the input.
 */
export interface Job {
  readonly key: string
  readonly kind: string
  readonly input: JsonValue
  /** Keys of jobs of the same run that must be done before. */
  readonly needs: readonly string[]
}

export function makeJob(
  { kind, input, needs = [] }: { kind: string; input: JsonValue; needs?: readonly string[] },
  hashText: HashText,
): Job {
  return { key: hashText(canonicalJson({ kind, input })), kind, input, needs }
}

/** Sorts jobs so that each comes after those it needs. Throws if a needed job is missing, or if a job needs itself. */
export function orderJobs(jobs: readonly Job[]): readonly Job[] {
  const byKey = new Map(jobs.map((job) => [job.key, job]))
  const states = new Map<string, 'open' | 'placed'>()
  const ordered: Job[] = []
  const place = (job: Job): void => {
    const state = states.get(job.key)
    if (state === 'placed') return
    if (state === 'open') throw new RangeError(`job ${job.kind} ${job.key} needs itself`)
    states.set(job.key, 'open')
    for (const key of job.needs) {
      const needed = byKey.get(key)
      if (needed === undefined) throw new RangeError(`job ${job.kind} ${job.key} needs ${key}, which is not in the run`)
      place(needed)
    }
    states.set(job.key, 'placed')
    ordered.push(job)
  }
  for (const job of byKey.values()) place(job)
  return ordered
}
