export interface Numbers {
  readonly shape: readonly number[]
  readonly values: readonly number[]
}

interface CaseFacts {
  /** The component, and its settings. */
  readonly use: string
  readonly settings: Readonly<Record<string, unknown>>
  readonly inputs: Readonly<Record<string, Numbers>>
}

/** What a component makes of its parameters. */
export interface GradientCase extends CaseFacts {
  readonly kind: 'block' | 'loss'
  /** Of a loss: how its process comes from the parameters. */
  readonly process?: 'softplus' | 'free'
  readonly parameters: Readonly<Record<string, Numbers & { readonly gradient: readonly number[] }>>
  readonly outputs: Readonly<Record<string, Numbers>>
  readonly loss: number
}

export interface TrainingCase extends CaseFacts {
  readonly kind: 'training'
  readonly process: 'softplus'
  readonly parameters: Readonly<Record<string, Numbers>>
  /** The gradient is cut to this length. */
  readonly longest: number
  readonly steps: readonly {
    readonly rate: number
    readonly loss: number
    readonly length: number
    readonly parameters: Readonly<Record<string, readonly number[]>>
  }[]
}

export type TorchCase = GradientCase | TrainingCase
