// Loaded before a program (node --import), and so into each of its threads: its wall clock is off by the milliseconds in
// WRONG_WALL_CLOCK_MS. The monotonic clock and the computer's uptime are right.
const offMs = Number(process.env['WRONG_WALL_CLOCK_MS'])
const RightDate = Date

globalThis.Date = class extends RightDate {
  constructor(...given) {
    if (given.length === 0) super(RightDate.now() + offMs)
    else super(...given)
  }

  static now() {
    return RightDate.now() + offMs
  }
}
