import { SingleFlightCache } from '#core/base/cache/single-flight-cache'
import type { Logger } from '#core/base/log/logger'
import type { Clock } from '#core/base/time/clock'
import { withinMs } from '#core/base/time/within-ms'
import { emptyBodyHash } from '#core/bittensor/admission/body-hash'
import { accept, type Checked, type Refused, refuse } from '#core/bittensor/admission/refusals'
import type { AnswerText, AnswerTextFailure, AnswerTextMaker } from '#core/forecast/ladder/answer-text-maker'
import { type Prompt, type PromptLimits, promptKey, readPrompt } from '#core/synth/prompts/prompt'
import { startTimeText } from '#core/synth/prompts/start-time'
import { refusePrompt, synthRefusals } from '#core/synth/prompts/synth-refusals'
import type { SubnetModule } from '../subnet-module.ts'
import { type SharedAnswer, spliceAnswer } from '../synapse-answer.ts'

export interface SynthRules extends PromptLimits {
  readonly netuid: number
  readonly answerCacheBytes: number
  /** Short: a forecast made long before its start would use an old price. */
  readonly answerCacheMs: number
  readonly computeTimeoutMs: number
}

export interface SynthDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly texts: AnswerTextMaker
}

const synapse = 'Simulation'

/** The text maker has its own deadlines. If it exceeds them by this much, its work is given up. */
const guardMs = 10_000

const refusalOf: Readonly<Record<AnswerTextFailure, Refused>> = {
  priceUnavailable: refusePrompt('price_unavailable'),
  failed: refuse('answer_failed'),
}

/** One synapse, whose prompt is a value. Equal prompts to one hotkey share one forecast, one body and one compression. */
export function createSynthModule(deps: SynthDeps, rules: SynthRules): SubnetModule {
  const answers = new SingleFlightCache<Checked<SharedAnswer>>(deps.clock, {
    maxBytes: rules.answerCacheBytes,
    maxAgeMs: rules.answerCacheMs,
  })
  return {
    name: 'synth',
    netuid: rules.netuid,
    refusals: synthRefusals,
    synapses: [
      {
        synapse,
        // The class names no required fields, so no caller's v10 signature covers its prompt.
        bodyHashes: [emptyBodyHash],
        read: (body, nowMs) => {
          const prompt = readPrompt(body, rules, nowMs)
          if (!prompt.ok) return prompt
          return accept({
            facts: describe(prompt.value),
            neededByMs: prompt.value.startAtSeconds * 1_000,
            run: (receiver) =>
              answers.get(`${receiver} ${promptKey(prompt.value)}`, () =>
                makeAnswer(prompt.value, receiver, deps, rules),
              ),
          })
        },
      },
    ],
  }
}

async function makeAnswer(
  prompt: Prompt,
  receiver: string,
  deps: SynthDeps,
  rules: SynthRules,
): Promise<{ value: Checked<SharedAnswer>; sizeBytes: number | undefined }> {
  const startedAtMs = deps.clock.monotonicMs()
  const text = await makeText(prompt, receiver, deps, rules.computeTimeoutMs + guardMs)
  if (!text.ok) {
    deps.log.warn(
      { event: 'forecast.failed', ...describe(prompt), reason: text.reason, detail: text.detail },
      'No forecast for a prompt',
    )
    return { value: refusalOf[text.reason], sizeBytes: undefined }
  }
  const processMs = deps.clock.monotonicMs() - startedAtMs
  const answer = spliceAnswer({
    synapse,
    processSeconds: processMs / 1_000,
    inputName: 'simulation_input',
    inputJson: echo(prompt),
    outputName: 'simulation_output',
    outputJson: text.outputJson,
    deflatedOutput: text.deflated,
    facts: text.facts,
  })
  const sizeBytes = text.outputJson.length
  // The answer has its own bytes now, unless the plain text itself is sent.
  if (text.deflated !== undefined) text.release?.()
  // The line of the request says the same at the level `info`.
  deps.log.debug(
    {
      event: 'forecast.made',
      ...describe(prompt),
      ...text.facts,
      sizeBytes,
      durationMs: processMs,
    },
    'Forecast made',
  )
  return { value: accept(answer), sizeBytes: answer.sizeBytes }
}

/** A forecast that throws costs this answer only, not the other requests. */
async function makeText(
  prompt: Prompt,
  receiver: string,
  { clock, log, texts }: SynthDeps,
  timeoutMs: number,
): Promise<AnswerText> {
  const late = (): AnswerText => ({ ok: false, reason: 'failed', detail: `no forecast within ${timeoutMs} ms` })
  try {
    return await withinMs(clock, timeoutMs, () => texts.makeAnswerText(prompt, receiver), late)
  } catch (err) {
    log.error({ event: 'forecast.threw', err }, 'Making a forecast threw an error')
    return { ok: false, reason: 'failed', detail: 'making the forecast threw an error' }
  }
}

/** The input of the request in canonical form, so that equal prompts have equal answers to the last byte. */
function echo(prompt: Prompt): string {
  return JSON.stringify({
    asset: prompt.asset,
    start_time: startTimeText(prompt.startAtSeconds),
    time_increment: prompt.stepSeconds,
    time_length: prompt.lengthSeconds,
    num_simulations: prompt.pathCount,
  })
}

function describe(prompt: Prompt): Readonly<Record<string, string | number>> {
  return {
    asset: prompt.asset,
    startAtMs: prompt.startAtSeconds * 1_000,
    lengthSeconds: prompt.lengthSeconds,
    stepSeconds: prompt.stepSeconds,
    pathCount: prompt.pathCount,
  }
}
