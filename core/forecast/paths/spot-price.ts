/** The newest price that has passed every check of age and plausibility, kept fresh in the background. */
export interface SpotPrice {
  spotPrice(asset: string): SpotAnswer
}

export type SpotAnswer =
  | { readonly ok: true; readonly priceUsd: number; readonly publishedAtMs: number; readonly venue: string }
  | { readonly ok: false; readonly reason: string }
