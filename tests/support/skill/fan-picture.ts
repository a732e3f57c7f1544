/** One prompt's forecast against what happened, as an SVG: bands of the paths' quantiles and the real price. */
export interface Fan {
  readonly title: string
  readonly startAtMs: number
  readonly stepSeconds: number
  readonly pathCount: number
  /** Path after path. */
  readonly values: Float64Array
  readonly real: Float64Array
}

const size = { width: 960, height: 480, left: 70, right: 20, top: 44, bottom: 40 } as const
const bands = [
  [0.025, 0.975, '#dbe7f3'],
  [0.1, 0.9, '#b7d0e8'],
  [0.25, 0.75, '#8fb6dc'],
] as const
const shownPaths = 12

export function drawFan({ title, startAtMs, stepSeconds, pathCount, values, real }: Fan): string {
  const points = real.length
  const columns = Array.from({ length: points }, (_, k) =>
    Float64Array.from({ length: pathCount }, (_, path) => values[path * points + k]!).sort(),
  )
  const quantile = (k: number, share: number): number => columns[k]![Math.round(share * (pathCount - 1))]!
  const known = [...real].filter((price) => !Number.isNaN(price))
  const low = Math.min(...known, quantile(points - 1, 0.01))
  const high = Math.max(...known, quantile(points - 1, 0.99))
  const x = (k: number): string => (size.left + (k / (points - 1)) * (size.width - size.left - size.right)).toFixed(1)
  const y = (price: number): string =>
    (size.top + ((high - price) / (high - low)) * (size.height - size.top - size.bottom)).toFixed(1)
  const line = (price: (k: number) => number): string =>
    Array.from({ length: points }, (_, k) => k)
      .filter((k) => !Number.isNaN(price(k)))
      .map((k) => `${x(k)},${y(price(k))}`)
      .join(' ')
  const area = (from: number, to: number): string =>
    `${line((k) => quantile(k, to))} ${line((k) => quantile(k, from))
      .split(' ')
      .reverse()
      .join(' ')}`
  const fans = bands.map(([from, to, colour]) => `<polygon fill="${colour}" points="${area(from, to)}"/>`)
  const paths = Array.from({ length: shownPaths }, (_, i) => {
    const path = Math.floor((i * pathCount) / shownPaths)
    return `<polyline class="path" points="${line((k) => values[path * points + k]!)}"/>`
  })
  const ticks = Array.from({ length: 9 }, (_, i) => {
    const k = Math.round((i / 8) * (points - 1))
    const time = new Date(startAtMs + k * stepSeconds * 1000).toISOString().slice(11, 16)
    return `<text x="${x(k)}" y="${size.height - 14}" text-anchor="middle">${time}</text>`
  })
  const prices = Array.from({ length: 6 }, (_, i) => {
    const price = low + (i / 5) * (high - low)
    const at = y(price)
    const grid = `<line class="grid" x1="${size.left}" x2="${size.width - size.right}" y1="${at}" y2="${at}"/>`
    return `${grid}<text x="${size.left - 8}" y="${at}" text-anchor="end" dy="4">${price.toPrecision(6)}</text>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" font-family="sans-serif" font-size="12">
<style>.path{fill:none;stroke:#4a6785;stroke-width:.6;opacity:.55}.real{fill:none;stroke:#c0392b;stroke-width:1.8}.grid{stroke:#e6e6e6}</style>
<rect width="100%" height="100%" fill="#fff"/>
<text x="${size.left}" y="24" font-size="15">${title}</text>
${[...prices, ...fans, ...paths].join('\n')}
<polyline class="real" points="${line((k) => real[k]!)}"/>
${ticks.join('\n')}
</svg>
`
}
