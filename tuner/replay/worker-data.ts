import type { OnnxModelOptions } from '#core/forecast/models/onnx/onnx-model'
import type { SetOrigin } from '#core/forecast/models/states/calibrated-sets'
import type { PythHistory } from '#core/market/venues/price-sources'

/** What a thread of the replay needs to open the same things as the program that started it. */
export interface ReplayWorkerData {
  readonly dbPath: string
  readonly regimesFile: string | undefined
  readonly pythHistory: PythHistory
  /** Where models are, and how they are asked. */
  readonly models: OnnxModelOptions & { readonly dir: string | undefined; readonly servers: readonly string[] }
  readonly parameterFolders: readonly { readonly path: string; readonly origin: SetOrigin }[]
}
