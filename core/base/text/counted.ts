/** `1 prompt`, `2 prompts`, `0 entries`; the number as it shall be written, where that is not its plain form. */
export function counted(count: number, one: string, many = `${one}s`, written = String(count)): string {
  return `${written} ${count === 1 ? one : many}`
}
