/** The end of a command's help. A test runs every line of it, so each example must work without changes. */
export function examples(...lines: readonly string[]): string {
  return ['\nExamples:', ...lines.map((line) => `  ${line}`)].join('\n')
}
