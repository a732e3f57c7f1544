/** `busy` ends by itself, `full` ends when somebody frees space, `damaged` does not end. */
export type StoreFailureKind = 'busy' | 'full' | 'io' | 'damaged' | 'other'

export interface StoreFailure {
  readonly kind: StoreFailureKind
  readonly detail: string
}

export type Stored<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: StoreFailure }
