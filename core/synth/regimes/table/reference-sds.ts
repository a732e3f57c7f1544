/** Standard deviation of the log price over one hour in the subnet's own example miner. */
export const referenceHourlySd: Readonly<Record<string, number>> & { readonly BTC: number } = {
  BTC: 0.00541,
  ETH: 0.00766,
  XAU: 0.00312,
  SOL: 0.00858,
  SPYX: 0.00157,
  SP500: 0.00157,
  NVDAX: 0.00338,
  TSLAX: 0.00337,
  AAPLX: 0.00259,
  GOOGLX: 0.00322,
  XRP: 0.00956,
  HYPE: 0.01131,
  WTIOIL: 0.00639,
}
