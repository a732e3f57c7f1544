/**
 * Typical standard deviation of the log price over one hour, as the subnet's reference miner uses it: what the last rung
 * of the ladder falls back to when nothing was ever seen of an asset. Its assets are those that are served.
 */
export const hourlySigmas: ReadonlyMap<string, number> = new Map([
  ['BTC', 0.00541],
  ['ETH', 0.00766],
  ['SOL', 0.00858],
  ['XRP', 0.00956],
  ['HYPE', 0.01131],
  ['XAU', 0.00312],
  ['SP500', 0.00157],
  ['SPYX', 0.00157],
  ['NVDAX', 0.00338],
  ['GOOGLX', 0.00322],
  ['TSLAX', 0.00337],
  ['AAPLX', 0.00259],
  ['WTIOIL', 0.00639],
  // Not in the reference miner. The subnet's asset coefficients make sigma times coefficient nearly equal for all
  // assets, so this is BTC's sigma over SPCX's coefficient, 0.00541 / 0.43293.
  ['SPCX', 0.0125],
])
