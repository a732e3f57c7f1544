import { createHash } from 'node:crypto'
import { move, Piscina } from 'piscina'
import { systemClock } from '#adapters/clock/system-clock'
import type { EnsembleAnswer, EnsembleJob } from '#core/forecast/ladder/ensemble-maker'
import { EnsembleWorkshop } from '#core/forecast/ladder/ensemble-workshop'

export interface PathTask {
  readonly job: EnsembleJob
  /** Drawn ahead; transferred without a copy. */
  readonly growth?: Float64Array<ArrayBuffer>
  /** Memory of an earlier text. */
  readonly space?: ArrayBuffer
}

const workshop = new EnsembleWorkshop({
  hashBytes: (bytes) => createHash('sha256').update(bytes).digest('hex'),
  monotonicMs: () => systemClock.monotonicMs(),
})

/** Errors lose their class between threads, so a failure comes back as a value. */
export function makeEnsemble({ job, growth, space }: PathTask): EnsembleAnswer {
  try {
    const made = workshop.make(job, growth, space)
    return made.ok ? handOver(made, [made.outputJson, made.deflated]) : made
  } catch (error) {
    return { ok: false, kind: 'badOutput', detail: String(error) }
  }
}

export function drawGrowth({ job }: PathTask): Float64Array {
  const growth = workshop.drawGrowth(job)
  return handOver(growth, [growth])
}

/** The buffers are transferred without a copy. */
function handOver<T>(value: T, views: readonly ArrayBufferView[]): T {
  const transferable = {
    [Piscina.transferableSymbol]: views.map((view) => view.buffer),
    [Piscina.valueSymbol]: value,
  }
  return move(transferable as never) as unknown as T
}
