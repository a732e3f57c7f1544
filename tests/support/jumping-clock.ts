import { TestClock } from './test-clock.ts'

/** Time that moves only when the test says so, and whose wall clock the test sets wrong. */
export class JumpingClock extends TestClock {
  /** How far the wall clock is from the right time. */
  wallOffsetMs = 0

  override nowMs(): number {
    return super.nowMs() + this.wallOffsetMs
  }

  /** The time of somebody whose clock is right. */
  rightMs(): number {
    return super.nowMs()
  }
}
