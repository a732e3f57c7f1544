/** Text from an unknown file, safe for a terminal: control characters become question marks. */
export function printable(text: string): string {
  return text.replace(/\p{C}/gu, '?')
}
