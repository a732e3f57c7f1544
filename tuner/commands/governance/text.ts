import type { Terminal } from '#core/base/cli/terminal'
import { wrapLine } from '#core/base/text/wrap-line'

/** The first line begins with `head`; the others are indented to its end. */
export function wrap(head: string, text: string): string[] {
  return wrapLine(`${head}${text}`, { indent: ' '.repeat(head.length) })
}

export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`
}

const colors = { yellow: 33, green: 32, red: 31 } as const

/** Colour only if the reader wants it; the text says the same without it. */
export function paint(terminal: Terminal, color: keyof typeof colors, text: string): string {
  return terminal.hasColor ? `\u001b[${colors[color]}m${text}\u001b[0m` : text
}

/** As a shell takes it. */
export function shellLine(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ')
}
