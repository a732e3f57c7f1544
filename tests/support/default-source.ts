import type { ParameterSource } from '#core/forecast/parameters/asset-parameters'
import { defaultParameters } from '#core/forecast/parameters/default-parameters'

/** Nothing was ever changed: for tools, tests and a miner whose ledger is empty. */
export const defaultParameterSource: ParameterSource = {
  inForce: () => ({ revision: 0, of: defaultParameters, previousChampion: () => undefined }),
}
