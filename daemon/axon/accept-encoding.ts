/** Whether gzip may be sent: it is named (or covered by a star), and not with weight zero. */
export function acceptsGzip(header: string | undefined): boolean {
  if (header === undefined) return false
  let star = false
  for (const part of header.split(',')) {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase())
    const isRefused = parameters.some((parameter) => /^q=0(?:[.]0*)?$/.test(parameter))
    if (name === 'gzip' || name === 'x-gzip') return !isRefused
    if (name === '*') star = !isRefused
  }
  return star
}
