import { messageOf } from '#core/base/errors/message-of'
import { showUrl } from '#core/base/text/show-url'
import type { Clock } from '#core/base/time/clock'
import type { ChainIdentity } from '#core/bittensor/chain/chain-identity'
import type { Registration, RegistrationLookup } from '#core/bittensor/chain/registration'
import { openConnection } from './open-connection.ts'

export interface LookupOptions {
  readonly endpoints: readonly string[]
  readonly expected: ChainIdentity
  readonly netuid: number
  readonly connectDeadlineMs: number
  readonly requestDeadlineMs: number
}

/** Asks the chain once, for a command or as a second opinion: no retries, and no subscription stays open. */
export class ChainLookup implements RegistrationLookup {
  readonly netuid: number
  readonly #clock: Clock
  readonly #options: LookupOptions
  readonly #stopping = new AbortController()

  constructor(deps: { clock: Clock }, options: LookupOptions) {
    this.#clock = deps.clock
    this.#options = options
    this.netuid = options.netuid
  }

  /** `except`: an endpoint that has been asked already. */
  async registrationOf(address: string, except?: string): Promise<Registration> {
    const reasons: string[] = []
    for (const url of this.#options.endpoints.filter((endpoint) => endpoint !== except)) {
      const options = { ...this.#options, url, inclusionDeadlineMs: 0 }
      const opened = await openConnection({ clock: this.#clock }, options, this.#stopping.signal)
      if (!opened.ok) {
        reasons.push(`${showUrl(url)}: ${opened.reason}`)
        continue
      }
      try {
        const uid = await opened.connection.view().uidOf(address)
        return uid === undefined ? { state: 'deregistered' } : { state: 'registered', uid }
      } catch (error) {
        reasons.push(`${showUrl(url)}: ${messageOf(error)}`)
      } finally {
        opened.connection.close('done')
      }
    }
    return { state: 'unknown', reason: reasons.join('; ') }
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
  }
}
