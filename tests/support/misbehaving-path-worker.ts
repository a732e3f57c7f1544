/** The real worker, but for assets whose names say what goes wrong. */
import { drawGrowth as draw, makeEnsemble as make, type PathTask } from '#daemon/forecasting/path-worker'

export function makeEnsemble(task: PathTask): ReturnType<typeof make> {
  const { seed } = task.job.recipe
  if (seed === deathSeed) process.exit(9)
  if (seed === loopSeed) for (;;);
  return make(task)
}

export function drawGrowth(task: PathTask): ReturnType<typeof draw> {
  return draw(task)
}

export const deathSeed = 1_001n
export const loopSeed = 1_002n
