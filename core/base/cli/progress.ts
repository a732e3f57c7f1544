/** How far a long command has come: a bar on a terminal, a line now and then elsewhere. */
export interface Progress {
  /** A new label begins a new stage. */
  update(label: string, done: number, total: number): void
  /** Leaves the screen to what is written next. */
  stop(): void
}
