import type { RegistrationStore, UidRegistration } from '#core/tuning/shadow/hands'
import type { Database } from './database.ts'

const publicList = 'api'

/** Of the network of the newest stored metagraph, and of the public list. A database belongs to one miner. */
export class SqliteRegistrationStore implements RegistrationStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  list(): UidRegistration[] {
    return this.#db
      .prepare<[], { network: string; uid: number; hotkey: string; registeredAtMs: number }>(
        `select network, uid, hotkey, registered_at_ms as registeredAtMs from uid_registrations
          where network = '${publicList}'
             or network = (select netuid || ' ' || genesis_hash from metagraphs order by taken_at_ms desc limit 1)
          order by registered_at_ms, uid`,
      )
      .all()
      .map(({ network, ...row }) => ({
        ...row,
        source: network === publicList ? ('api' as const) : ('chain' as const),
      }))
  }

  savePublic(rows: readonly Omit<UidRegistration, 'source'>[]): void {
    const insert = this.#db.prepare(
      `insert or ignore into uid_registrations (network, uid, hotkey, registered_at_block, registered_at_ms)
       values ('${publicList}', :uid, :hotkey, 0, :registeredAtMs)`,
    )
    this.#db.transaction(() => {
      for (const { uid, hotkey, registeredAtMs } of rows) insert.run({ uid, hotkey, registeredAtMs })
    })()
  }
}
