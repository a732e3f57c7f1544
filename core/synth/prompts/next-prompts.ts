import { hourMs, minuteMs } from '#core/base/time/units'
import type { Prompt } from './prompt.ts'

/** A prompt without its start: what a validator asks for repeatedly. */
export type PromptShape = Omit<Prompt, 'startAtSeconds'>

interface Habit {
  readonly shape: PromptShape
  /** A start that was seen; the others differ by whole minutes. */
  lastStartSeconds: number
  /** From the request to the start. */
  leadMs: number
  lastReceivedAtMs: number
  /** Shortest time between two different starts; undefined until there were two. */
  shortestGapMs: number | undefined
}

/** How long before its expected time a prompt counts as likely, and how long after. */
const earlyMs = 120_000
const graceMs = 20_000
/** A caller that has not asked for this long has probably stopped. */
const forgetMs = 3 * hourMs
const mostHabits = 64

/** Learns from past prompts which ones come next. Validators keep to cycles and to whole minutes. */
export class NextPrompts {
  readonly #habits = new Map<string, Habit>()

  observe(prompt: Prompt, receivedAtMs: number): void {
    const { startAtSeconds, ...shape } = prompt
    const key = shapeKey(shape)
    const known = this.#habits.get(key)
    const gapMs = known === undefined ? 0 : (startAtSeconds - known.lastStartSeconds) * 1_000
    if (known !== undefined && gapMs < 0) return
    const gaps = [known?.shortestGapMs, gapMs > 0 ? gapMs : undefined].filter((gap) => gap !== undefined)
    this.#habits.delete(key)
    this.#habits.set(key, {
      shape,
      lastStartSeconds: startAtSeconds,
      leadMs: startAtSeconds * 1_000 - receivedAtMs,
      lastReceivedAtMs: receivedAtMs,
      shortestGapMs: gaps.length > 0 ? Math.min(...gaps) : undefined,
    })
    for (const oldest of this.#habits.keys()) {
      if (this.#habits.size <= mostHabits) break
      this.#habits.delete(oldest)
    }
  }

  /** The most overdue first. Around a prompt's usual second of the minute, two starts are possible. */
  likely(nowMs: number): Prompt[] {
    return [...this.#habits.values()]
      .filter((habit) => nowMs - habit.lastReceivedAtMs <= forgetMs && nowMs >= expectedAtMs(habit) - earlyMs)
      .sort((a, b) => expectedAtMs(a) - expectedAtMs(b))
      .flatMap((habit) => startsAround(habit, nowMs).map((startAtSeconds) => ({ ...habit.shape, startAtSeconds })))
  }
}

function expectedAtMs({ lastReceivedAtMs, shortestGapMs }: Habit): number {
  return lastReceivedAtMs + (shortestGapMs ?? 0)
}

/** Starts of requests from `graceMs` ago until a minute ahead, without the start that is already answered. */
function startsAround({ lastStartSeconds, leadMs }: Habit, nowMs: number): number[] {
  const starts: number[] = []
  const earliestMs = nowMs - graceMs + leadMs
  let startMs = lastStartSeconds * 1_000
  startMs += Math.max(1, Math.ceil((earliestMs - startMs) / minuteMs)) * minuteMs
  for (; startMs < nowMs + leadMs + minuteMs; startMs += minuteMs) starts.push(startMs / 1_000)
  return starts
}

function shapeKey({ asset, lengthSeconds, stepSeconds, pathCount }: PromptShape): string {
  return [asset, lengthSeconds, stepSeconds, pathCount].join('/')
}
