/** What every text of a command fits into. */
export const pageWidth = 80

/** Breaks between words. What goes on below stands two blanks further in than the line, unless told otherwise. */
export function wrapLine(
  text: string,
  { indent = `${/^ */.exec(text)![0]}  `, width = pageWidth }: { indent?: string; width?: number } = {},
): string[] {
  if (text.length <= width) return [text]
  const lines: string[] = []
  let line = ''
  // Blanks before a word belong to it: columns stay where they are.
  for (const word of text.trimEnd().split(/(?<=\S) /)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = indent + word.trimStart()
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line]
}
