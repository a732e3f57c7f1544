import type { VenueView } from './venue-view.ts'

/**
 * Routes are plain functions from a view of the market and a request to an answer; server.ts connects them to a socket.
 */
export interface StandInRequest {
  readonly query: URLSearchParams
  readonly body: unknown
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** The named parts of the path. */
  readonly path: Readonly<Record<string, string>>
}

export interface StandInAnswer {
  readonly status?: number
  readonly value: unknown
}

export interface StandInRoute {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly answer: (view: VenueView, request: StandInRequest) => StandInAnswer
}
