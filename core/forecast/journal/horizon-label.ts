/** The two horizons of the network; the subnet asks an hour `high` in frequency and a day `low`. */
export type HorizonLabel = 'low' | 'high'

const hourSeconds = 3_600

export function horizonLabel(lengthSeconds: number): HorizonLabel {
  return lengthSeconds <= hourSeconds ? 'high' : 'low'
}
