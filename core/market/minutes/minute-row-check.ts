/** Bitcoin's first block: no market of ours is older, and a file in milliseconds is far beyond the other end. */
const earliestSeconds = 1_230_768_000 // 2009-01-01
const latestSeconds = 4_102_444_800 // 2100-01-01

/** Enough rows to be sure of the step between them. */
const rowsToJudgeStep = 10

/** The rules for the rows of one file, whatever its format. */
export class MinuteRowCheck {
  readonly #fail: (message: string) => never
  #previous = Number.NEGATIVE_INFINITY
  #rows = 0
  /** Greatest common divisor of all steps, in minutes; 1 is the right answer. */
  #stepMinutes = 0

  constructor(fail: (message: string) => never) {
    this.#fail = fail
  }

  take(openSeconds: number): void {
    if (openSeconds < earliestSeconds || openSeconds >= latestSeconds) {
      this.#fail(`ts ${openSeconds} is not between 2009 and 2100; it must be in Unix seconds`)
    }
    if (openSeconds % 60 !== 0) this.#fail(`ts ${openSeconds} is off the grid: it must be a whole minute`)
    if (openSeconds === this.#previous) this.#fail(`ts ${openSeconds} is in the file twice`)
    if (openSeconds < this.#previous) {
      this.#fail(`ts ${openSeconds} comes after ${this.#previous}: rows must be in ascending order`)
    }
    if (this.#rows > 0 && this.#stepMinutes !== 1) {
      this.#stepMinutes = gcd((openSeconds - this.#previous) / 60, this.#stepMinutes)
    }
    this.#previous = openSeconds
    this.#rows += 1
  }

  /** A file of five-minute candles has the same columns; its closes would be stored four minutes too early. */
  finish(): void {
    if (this.#rows >= rowsToJudgeStep && this.#stepMinutes > 1) {
      this.#fail(`all rows are a multiple of ${this.#stepMinutes} minutes apart: these are not one-minute candles`)
    }
  }
}

function gcd(a: number, b: number): number {
  let [x, y] = [a, b]
  while (y !== 0) [x, y] = [y, x % y]
  return x
}
