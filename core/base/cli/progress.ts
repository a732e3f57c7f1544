/** The progress of a long command: a bar on a terminal, a line from time to time elsewhere. */
export interface Progress {
  /** A new label begins a new stage. */
  update(label: string, done: number, total: number): void
  /** Clears the bar, so that the next text starts on an empty line. */
  stop(): void
}
