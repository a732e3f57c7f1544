/** The width of every text that a command prints. */
export const pageWidth = 80

/** Breaks between words. Continued lines are indented by two blanks more than the first, unless told otherwise. */
export function wrapLine(
  text: string,
  { indent = `${/^ */.exec(text)![0]}  `, width = pageWidth }: { indent?: string; width?: number } = {},
): string[] {
  if (text.length <= width) return [text]
  const lines: string[] = []
  let line = ''
  // Blanks before a word belong to it, so that columns stay aligned.
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
