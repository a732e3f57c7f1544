/** By name and not by hash: so a recipe that was changed meanwhile finds the old checkpoint, and says what it is of. */
export function checkpointName(recipe: string, seed: number, fold: number | undefined): string {
  return `${recipe}-seed${seed}${fold === undefined ? '' : `-fold${fold}`}.checkpoint`
}
