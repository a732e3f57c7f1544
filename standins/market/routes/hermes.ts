import { pythFeedId } from '#core/market/venues/pyth-feeds'
import { symbolsOf } from '../catalogue.ts'
import type { StandInAnswer, StandInRequest, StandInRoute } from '../route.ts'
import type { VenueView } from '../venue-view.ts'

const exponent = -8

export interface HermesBook {
  readonly routes: readonly StandInRoute[]
  /** One event of the stream: the update, or a refusal before the stream opens. */
  readonly stream: { readonly path: string; readonly answer: StandInRoute['answer'] }
}

/** Hermes v2: latest prices, prices at a time, the list of feeds (open without a key), and the stream. */
export function hermesBook(assets: readonly string[], options: { apiKey?: string | undefined }): HermesBook {
  const assetsById = new Map<string, string>()
  const names = symbolsOf('pyth', assets)
  for (const [name, asset] of names) {
    const id = pythFeedId(name)
    if (id !== undefined) assetsById.set(id, asset)
  }
  const idOf = (asset: string) => [...assetsById].find(([, other]) => other === asset)?.[0]

  const update = (view: VenueView, request: StandInRequest): StandInAnswer => {
    if (options.apiKey !== undefined && request.headers['authorization'] !== `Bearer ${options.apiKey}`) {
      return { status: 401, value: 'Unauthorized: an API key is needed' }
    }
    const ids = request.query.getAll('ids[]').map((id) => id.toLowerCase().replace(/^0x/, ''))
    const unknown = ids.filter((id) => !assetsById.has(id))
    if (unknown.length > 0 && request.query.get('ignore_invalid_price_ids') !== 'true') {
      return { status: 404, value: `Price ids not found: ${unknown.map((id) => `0x${id}`).join(', ')}` }
    }
    const parsed = ids
      .filter((id) => assetsById.has(id))
      .flatMap((id) => {
        const asset = assetsById.get(id)!
        const answered = view.answeredAsset(asset)
        const entry = parsedUpdate(view, answered, answered === asset ? id : (idOf(answered) ?? id))
        return entry === undefined ? [] : [entry]
      })
    // The signed form of the real server cannot be made here; nothing in this project reads it.
    const binary = { encoding: 'hex', data: ['504e4155'] }
    return { value: request.query.get('parsed') === 'false' ? { binary } : { binary, parsed } }
  }

  return {
    routes: [
      { method: 'GET', path: '/v2/updates/price/latest', answer: update },
      { method: 'GET', path: '/v2/price_feeds', answer: (_, request) => ({ value: listFeeds(names, request.query) }) },
    ],
    stream: { path: '/v2/updates/price/stream', answer: update },
  }
}

function parsedUpdate(view: VenueView, asset: string, id: string) {
  const price = view.price(asset)
  if (price === undefined) return undefined
  const publishSeconds = Math.floor(view.nowMs / 1000)
  const confidence = typeof price === 'number' ? price * view.confidenceShare(asset) : 0
  const stated = {
    price: typeof price === 'number' ? mantissa(price) : price,
    conf: mantissa(confidence),
    expo: exponent,
    publish_time: publishSeconds,
  }
  return {
    id,
    price: stated,
    ema_price: stated,
    metadata: {
      slot: publishSeconds,
      proof_available_time: publishSeconds + 1,
      prev_publish_time: publishSeconds - 1,
    },
  }
}

function mantissa(value: number): string {
  return Number.isFinite(value) ? BigInt(Math.round(value * 10 ** -exponent)).toString() : String(value)
}

function listFeeds(names: ReadonlyMap<string, string>, query: URLSearchParams) {
  const text = (query.get('query') ?? '').toLowerCase()
  const type = (query.get('asset_type') ?? '').toLowerCase()
  return [...names.keys()]
    .filter((name) => pythFeedId(name) !== undefined)
    .filter((name) => name.toLowerCase().includes(text) && name.toLowerCase().startsWith(type))
    .map((name) => ({
      id: pythFeedId(name),
      attributes: {
        symbol: name,
        asset_type: name.split('.')[0],
        base: name.replace(/^.*[.]/, '').split('/')[0],
        quote_currency: 'USD',
      },
    }))
}
