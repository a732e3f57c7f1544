import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Clock } from '#core/base/time/clock'
import { callerNetwork, plainIp } from '#core/bittensor/addresses/ip-ranges'
import type { IpAllowList } from '#core/bittensor/admission/ip-allow-list'
import type { KnownAddresses } from '#core/bittensor/admission/known-addresses'
import { type Refusal, type RefusalCode, refuse } from '#core/bittensor/admission/refusals'
import type { CrowdWatch } from './crowd-watch.ts'
import { closeWithRefusal } from './refusal-reply.ts'

export interface ConnectionDeps {
  readonly clock: Clock
  readonly allowList: IpAllowList
  readonly known: KnownAddresses
  readonly crowd: CrowdWatch
  readonly onRefusal: (refusal: Refusal, peerIp: string) => void
}

export interface ConnectionRules {
  readonly maxConnections: number
  readonly maxConnectionsPerIp: number
  readonly maxConnectionsPerKnownIp: number
}

interface Peer {
  readonly socket: Socket
  readonly network: string
  readonly isKnown: boolean
  /** silent: no request at work; pending: a request without proof so far; proven: it has had a valid signature. */
  stage: 'silent' | 'pending' | 'proven'
}

/** The rest is kept for known addresses. */
const strangersShare = 0.75
/** Refused connections that stay open a moment, so that their peers can read why. Further ones are reset. */
const maxLingering = 256

/**
 * Decides about a connection when it opens, before a byte is read: the allow-list, a limit per address and a limit for
 * all strangers. At a limit the oldest connection that has proven nothing makes room for the new one, a silent one
 * first. So a crowd of silent strangers pushes out itself: an honest caller needs its place only until its headers are
 * checked. It also knows which connections have a request in progress.
 */
export class Connections {
  readonly #deps: ConnectionDeps
  readonly #rules: ConnectionRules
  readonly #peers = new WeakMap<object, Peer>()
  readonly #byNetwork = new Map<string, Set<Peer>>()
  readonly #strangers = { silent: new Set<Peer>(), pending: new Set<Peer>() }
  readonly #known = { silent: new Set<Peer>(), pending: new Set<Peer>() }
  readonly #atWork = new WeakSet<object>()
  #total = 0
  #lingering = 0

  constructor(deps: ConnectionDeps, rules: ConnectionRules) {
    this.#deps = deps
    this.#rules = rules
  }

  watch(server: Server): void {
    // The HTTP server's own listener is called for admitted connections only, so a refused one never gets a parser.
    const serve = server.listeners('connection') as ((socket: Socket) => void)[]
    server.removeAllListeners('connection')
    server.on('connection', (socket) => {
      if (this.#admits(socket)) for (const listener of serve) listener.call(server, socket)
    })
    // A last fence: connections beyond it are closed by Node without a word.
    server.maxConnections = this.#rules.maxConnections + 2 * maxLingering
    server.on('drop', () => this.#deps.crowd.note('dropped'))
  }

  /** False when a request of the same connection is still in progress. */
  begin(socket: object): boolean {
    if (this.#atWork.has(socket)) return false
    this.#atWork.add(socket)
    this.#move(socket, 'pending')
    return true
  }

  /** The request in progress had a valid signature: the connection is no longer one that may be shed. */
  prove(socket: object): void {
    this.#move(socket, 'proven')
  }

  end(socket: object): void {
    this.#atWork.delete(socket)
    this.#move(socket, 'silent')
  }

  isAtWork(socket: object): boolean {
    return this.#atWork.has(socket)
  }

  #admits(socket: Socket): boolean {
    const { allowList, known, crowd } = this.#deps
    // A peer that has reset its connection by now has no address.
    if (socket.remoteAddress === undefined) {
      crowd.note('gone')
      socket.destroy()
      return false
    }
    const ip = plainIp(socket.remoteAddress)
    const isKnown = known.includes(ip)
    if (!allowList.allows(ip)) return this.#refuse(socket, 'ip_not_listed', ip)
    const peer: Peer = { socket, network: callerNetwork(ip), isKnown, stage: 'silent' }
    const refused = this.#makeRoom(peer)
    if (refused !== undefined) {
      if (isKnown) crowd.note('knownRefused')
      return this.#refuse(socket, refused, ip)
    }
    this.#add(peer)
    return true
  }

  #makeRoom({ network, isKnown }: Peer): RefusalCode | undefined {
    const { maxConnections, maxConnectionsPerIp, maxConnectionsPerKnownIp } = this.#rules
    const own = this.#byNetwork.get(network)
    if (own !== undefined && own.size >= (isKnown ? maxConnectionsPerKnownIp : maxConnectionsPerIp)) {
      const oldest = oldestAt('silent', own) ?? oldestAt('pending', own)
      if (oldest === undefined) return 'too_many_connections'
      this.#shed(oldest)
    }
    const { silent, pending } = this.#strangers
    const isFull = this.#total >= maxConnections
    if (!isFull && (isKnown || silent.size + pending.size < maxConnections * strangersShare)) return undefined
    const oldest = first(silent) ?? first(pending) ?? (isKnown ? first(this.#known.silent) : undefined)
    if (oldest === undefined) return 'connections_full'
    this.#shed(oldest)
    return undefined
  }

  #shed(peer: Peer): void {
    this.#deps.crowd.note('shed')
    this.#remove(peer)
    peer.socket.destroy()
  }

  #add(peer: Peer): void {
    const { socket, network } = peer
    this.#peers.set(socket, peer)
    let own = this.#byNetwork.get(network)
    if (own === undefined) {
      own = new Set()
      this.#byNetwork.set(network, own)
    }
    own.add(peer)
    this.#unprovenOf(peer).silent.add(peer)
    this.#total += 1
    socket.once('close', () => this.#remove(peer))
  }

  /** Safe to call twice. */
  #remove(peer: Peer): void {
    const own = this.#byNetwork.get(peer.network)
    if (own === undefined || !own.delete(peer)) return
    if (own.size === 0) this.#byNetwork.delete(peer.network)
    this.#unprovenOf(peer).silent.delete(peer)
    this.#unprovenOf(peer).pending.delete(peer)
    this.#total -= 1
  }

  #move(socket: object, stage: Peer['stage']): void {
    const peer = this.#peers.get(socket)
    if (peer === undefined || peer.stage === 'proven' || peer.stage === stage) return
    if (this.#byNetwork.get(peer.network)?.has(peer) !== true) return
    const unproven = this.#unprovenOf(peer)
    unproven[peer.stage].delete(peer)
    peer.stage = stage
    if (stage !== 'proven') unproven[stage].add(peer)
  }

  #unprovenOf(peer: Peer): { readonly silent: Set<Peer>; readonly pending: Set<Peer> } {
    return peer.isKnown ? this.#known : this.#strangers
  }

  #refuse(socket: Socket, code: RefusalCode, ip: string): false {
    const { refusal } = refuse(code)
    this.#deps.onRefusal(refusal, ip)
    socket.on('error', () => {})
    if (this.#lingering >= maxLingering) {
      socket.resetAndDestroy()
      return false
    }
    this.#lingering += 1
    socket.once('close', () => {
      this.#lingering -= 1
    })
    closeWithRefusal(socket, refusal, this.#deps.clock)
    return false
  }
}

function first(peers: ReadonlySet<Peer>): Peer | undefined {
  for (const peer of peers) return peer
  return undefined
}

/** The peers of one network stand in the order in which they came. */
function oldestAt(stage: Peer['stage'], peers: ReadonlySet<Peer>): Peer | undefined {
  for (const peer of peers) if (peer.stage === stage) return peer
  return undefined
}
