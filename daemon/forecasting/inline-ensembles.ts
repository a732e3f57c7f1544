import type { EnsembleAnswer, EnsembleJob, EnsembleMaker } from '#core/forecast/ladder/ensemble-maker'
import { EnsembleWorkshop, type WorkshopDeps } from '#core/forecast/ladder/ensemble-workshop'

/**
 * The last way when no thread makes paths: the serving thread makes them, and other requests wait meanwhile (about 15
 * ms for a day's independent paths). Nothing of it is created before it is needed.
 */
export class InlineEnsembles implements EnsembleMaker {
  readonly #deps: WorkshopDeps
  #workshop: EnsembleWorkshop | undefined

  constructor(deps: WorkshopDeps) {
    this.#deps = deps
  }

  expectMs(): number {
    return 0
  }

  async make(job: EnsembleJob): Promise<EnsembleAnswer> {
    try {
      this.#workshop ??= new EnsembleWorkshop(this.#deps)
      return this.#workshop.make(job)
    } catch (error) {
      return { ok: false, kind: 'badOutput', detail: String(error) }
    }
  }
}
