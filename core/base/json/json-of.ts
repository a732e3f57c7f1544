/** The value of a JSON text, or undefined: for readers that check the shape next and refuse undefined there. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
