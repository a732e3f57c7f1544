import { createVenues } from '#adapters/market/venues'
import { MinuteFolder } from '#adapters/minute-files/minute-folder'
import type { Stoppable } from '#core/base/lifecycle/shutdown-stack'
import type { Logger } from '#core/base/log/logger'
import { SplitMix64 } from '#core/base/random/rng'
import type { Clock } from '#core/base/time/clock'
import { MarketConfig } from '#core/market/board/market-config'
import { createScoredSources } from '#core/market/venues/price-sources'
import { RealisedPaths } from '#core/market/venues/realised-paths'
import { buildRegimeBook } from '#core/synth/regimes/book'
import { builtInRegimes } from '#core/synth/regimes/table/built-in'
import { standInSettings } from './market/server.ts'
import { standInHotkeys } from './network/compose-standin.ts'
import { DevValidator, type DevValidatorDeps } from './validator/dev-validator.ts'
import { PathShelf } from './validator/path-shelf.ts'
import { WorkerJudge } from './validator/worker-judge.ts'

export interface ValidatorParts {
  readonly clock: Clock
  readonly log: Logger
  /** Only for this run: its nonce lanes must not be those of an earlier run. */
  readonly runSeed: bigint
  readonly calibrated?: DevValidatorDeps['calibrated']
}

export interface ValidatorPlace {
  /** The miner's axon. */
  readonly url: string
  /** Address of its hotkey; by default that of the simulated subnet's miner. */
  readonly receiver?: string | undefined
  /** The market stand-in. */
  readonly marketUrl: string
  readonly folder: string
}

/** The local validator with all its sources: the market stand-in's venues, by the rules of the market's date. */
export function composeValidator(
  { clock, log, runSeed, calibrated }: ValidatorParts,
  place: ValidatorPlace,
): Stoppable & { readonly validator: DevValidator } {
  const rng = new SplitMix64(runSeed)
  const config = MarketConfig.parse(standInSettings(place.marketUrl))
  const openFiles = (folder: string) => new MinuteFolder({ clock }, folder)
  const venues = createVenues({ clock, rng, openFiles }, config)
  const book = buildRegimeBook(builtInRegimes, undefined)
  const sources = createScoredSources(book, { pythHistory: config.pythHistory })
  // Nobody has published the paths of a simulated market.
  const archive = {
    fetchRealisedPath: async () =>
      ({ ok: false, reason: 'noData', message: 'a simulated market has no archive' }) as const,
  }
  const realised = new RealisedPaths({
    sources,
    histories: venues.history,
    archive,
    store: new PathShelf(),
    clock,
    log,
  })
  const judge = new WorkerJudge()
  const hotkeys = standInHotkeys()
  const validator = new DevValidator(
    {
      clock,
      log,
      rng,
      book,
      sources,
      latest: venues.latest,
      histories: venues.history,
      realised,
      judge,
      calibrated,
      signer: hotkeys.validator,
      neighbour: hotkeys.neighbour,
      stranger: hotkeys.stranger,
    },
    { url: place.url, folder: place.folder, receiver: place.receiver ?? hotkeys.miner.address },
  )
  return { validator, stop: () => judge.stop() }
}
