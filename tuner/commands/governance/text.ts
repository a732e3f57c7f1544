import type { Terminal } from '#core/cli/terminal'

export const pageWidth = 80

/** Breaks between words, never beyond the page; the first line begins with `head`, the others below its end. */
export function wrap(head: string, text: string): string[] {
  const indent = ' '.repeat(head.length)
  const lines: string[] = []
  let line = head
  for (const word of text.split(' ')) {
    const isFirst = line === head || line === indent
    if (!isFirst && line.length + 1 + word.length > pageWidth) {
      lines.push(line)
      line = indent
    }
    line += line === head || line === indent ? word : ` ${word}`
  }
  return [...lines, line]
}

export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`
}

const colors = { yellow: 33, green: 32, red: 31 } as const

/** Colour only where the reader wants it; what it says stands in the text too. */
export function paint(terminal: Terminal, color: keyof typeof colors, text: string): string {
  return terminal.hasColor ? `\u001b[${colors[color]}m${text}\u001b[0m` : text
}
