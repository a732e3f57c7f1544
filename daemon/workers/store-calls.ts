import type { Stored } from '#core/base/store/stored'

/** To a thread that owns a store. */
export interface StoreCall {
  readonly ticket: number
  readonly name: string
  readonly args: readonly unknown[]
}

/** From it, in the order of the calls. */
export interface StoreAnswer {
  readonly ticket: number
  readonly result: Stored<unknown>
}

/** Closes the store and ends the thread, after every call before it. */
export const closeCall = 'close'
