import type { MessagePort } from 'node:worker_threads'
import { AppError } from '#core/base/errors/app-error'
import type { Stored } from '#core/base/store/stored'
import { closeCall, type StoreAnswer, type StoreCall } from './store-calls.ts'

export interface OpenStore {
  readonly calls: Readonly<Record<string, (...args: never[]) => unknown>>
  close(): void
}

export interface ServedStore {
  open(): OpenStore
  /** Turns a refusal of the store into a value and lets a bug through. */
  attempt<T>(work: () => T): Stored<T>
}

/**
 * The thread's side of a StoreThread: opens its store at the first call and answers one call after the other. After a
 * failure that is neither a lock nor a full disk the store is opened again: SQLite stays read-only after it once failed to
 * open a file for writing, and only another connection ends that.
 */
export function serveCalls(port: MessagePort, { open, attempt }: ServedStore): void {
  let store: OpenStore | undefined
  const run = ({ name, args }: StoreCall): Stored<unknown> => {
    const result = told(attempt, () => {
      store ??= open()
      return (store.calls[name] as (...given: readonly unknown[]) => unknown)(...args)
    })
    if (!result.ok && result.failure.kind !== 'busy' && result.failure.kind !== 'full') close()
    return result
  }
  const close = (): void => {
    store?.close()
    store = undefined
  }
  port.on('message', (call: StoreCall) => {
    if (call.name !== closeCall) {
      port.postMessage({ ticket: call.ticket, result: run(call) } satisfies StoreAnswer)
      return
    }
    close()
    port.postMessage({ ticket: call.ticket, result: { ok: true, value: undefined } } satisfies StoreAnswer)
    port.close()
  })
}

/** What the store says in words of ours is a refusal too. */
function told(attempt: ServedStore['attempt'], work: () => unknown): Stored<unknown> {
  try {
    return attempt(work)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { ok: false, failure: { kind: 'other', detail: error.message } }
  }
}
