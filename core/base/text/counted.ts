/**
 * `1 prompt`, `2 prompts`, `0 entries`. The third argument is the number as text, if it is not written in its plain
 * form.
 */
export function counted(count: number, one: string, many = `${one}s`, written = String(count)): string {
  return `${written} ${count === 1 ? one : many}`
}
