import type { TrainingConfig } from '#models/compile/training-config'

/** Of step `step`, the first one being 0: it rises evenly over the warm-up, then falls along half a cosine or stays. */
export function learningRateAt(
  step: number,
  {
    learningRate,
    schedule,
    warmUp,
    finalRate,
    steps,
  }: Pick<TrainingConfig, 'learningRate' | 'schedule' | 'warmUp' | 'finalRate' | 'steps'>,
): number {
  if (step < warmUp) return (learningRate * (step + 1)) / (warmUp + 1)
  if (schedule === 'constant') return learningRate
  const share = Math.min((step - warmUp) / Math.max(steps - 1 - warmUp, 1), 1)
  return learningRate * (finalRate + ((1 - finalRate) * (1 + Math.cos(Math.PI * share))) / 2)
}
