/** A small recipe around one block, as a file would give it. */
export function oneBlockRecipe(block: object, { width = 4, rows = 9 } = {}): Record<string, unknown> {
  return {
    name: 'one-block',
    assets: ['BTC'],
    horizon: 'low',
    grid: { stepSeconds: 300, steps: 12 },
    data: { use: 'mock' },
    inputs: { rows, stepSeconds: 300, past: [{ kind: 'logReturn' }, { kind: 'daySin' }] },
    model: { width, blocks: [block, { use: 'linear' }], head: { use: 'simple_horizon' } },
    loss: { use: 'crps_gaussian' },
  }
}
