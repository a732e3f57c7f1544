import { type Command, InvalidArgumentError, Option } from 'commander'
import { type Horizon, horizonLabel, horizons } from '#core/synth/prompts/horizon'

/** By length, and by the subnet's words. */
export const horizonNames = [...horizons.map(horizonLabel), ...horizons]

type HorizonName = (typeof horizonNames)[number]

export interface HorizonOptions {
  readonly horizon?: HorizonName
  readonly prompt?: HorizonName
}

/** The one option for it in all commands; `--prompt` is its name in older miners. */
export function addHorizonOption(command: Command): Command {
  return command
    .addOption(
      new Option('--horizon <24h|1h>', 'only prompts of a day (low) or of an hour (high)').choices(horizonNames),
    )
    .addOption(new Option('--prompt <low|high>').choices(horizonNames).hideHelp())
}

export function horizonOption({ horizon, prompt }: HorizonOptions): Horizon | undefined {
  return findHorizon(horizon ?? prompt)
}

/** As an argument. */
export function readHorizon(text: string): Horizon {
  const found = findHorizon(text)
  if (found === undefined) throw new InvalidArgumentError(`It must be one of ${horizonNames.join(', ')}.`)
  return found
}

function findHorizon(name: string | undefined): Horizon | undefined {
  return horizons.find((known) => known === name || horizonLabel(known) === name)
}
