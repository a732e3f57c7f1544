import type { ServedAnswers } from '#core/tuning/governance/reach'

/** A miner of which every model made some of the answers: nothing is refused for want of an effect. */
export const servedByAll: ServedAnswers = servedBy('calibrated', 'ewma', 'blend')

/** Newest first, each of a rung of its own: the champion of now made none of them. */
export function servedBy(...models: readonly string[]): ServedAnswers {
  return {
    lastServed: () =>
      models.map((model, i) => ({ startAtMs: -i, rung: 'previousChampion', model, champion: 'calibrated' })),
    isAsked: () => true,
    isCalibrated: () => true,
  }
}
