/** Text from a file of unknown origin, for a terminal: what would steer it is shown as a question mark. */
export function printable(text: string): string {
  return text.replace(/\p{C}/gu, '?')
}
