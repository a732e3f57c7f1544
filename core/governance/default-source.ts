import type { ParameterSource } from './asset-parameters.ts'
import { defaultParameters } from './default-parameters.ts'

/** Nothing was ever changed: for tools, tests and a miner whose ledger is empty. */
export const defaultParameterSource: ParameterSource = {
  inForce: () => ({ revision: 0, of: defaultParameters, previousChampion: () => undefined }),
}
