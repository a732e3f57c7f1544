import { formatIp, type IpAddress } from '../addresses/ip-address.ts'

/** The address at which a hotkey says that it listens. */
export interface AxonEndpoint {
  readonly ip: IpAddress
  readonly port: number
}

/** What the chain holds of an announcement: the endpoint, the fields around it, and the block of the last change. */
export interface AxonRecord {
  readonly block: number
  readonly version: number
  readonly ip: bigint
  readonly port: number
  readonly ipType: number
  readonly protocol: number
  readonly placeholder1: number
  readonly placeholder2: number
}

export type AxonAnnouncement = Omit<AxonRecord, 'block'>

/**
 * The version says which SDK a validator may expect, here 10.0.1, whose protocol this axon speaks. It does not change
 * with our own releases, or each upgrade would cost a transaction.
 */
const announcedVersion = 10_000_001
/** What the SDK writes; nothing reads it. */
const announcedProtocol = 4

export function announcementOf(endpoint: AxonEndpoint): AxonAnnouncement {
  return {
    version: announcedVersion,
    ip: endpoint.ip.value,
    port: endpoint.port,
    ipType: endpoint.ip.family,
    protocol: announcedProtocol,
    placeholder1: 0,
    placeholder2: 0,
  }
}

export function isSameAnnouncement(record: AxonRecord | undefined, wanted: AxonAnnouncement): boolean {
  return (
    record !== undefined &&
    record.version === wanted.version &&
    record.ip === wanted.ip &&
    record.port === wanted.port &&
    record.ipType === wanted.ipType &&
    record.protocol === wanted.protocol &&
    record.placeholder1 === wanted.placeholder1 &&
    record.placeholder2 === wanted.placeholder2
  )
}

/** `203.0.113.9:8091`, for people. */
export function formatAxon(axon: { ip: bigint; port: number; ipType: number }): string {
  const ip = formatIp({ family: axon.ipType === 6 ? 6 : 4, value: axon.ip })
  return axon.ipType === 6 ? `[${ip}]:${axon.port}` : `${ip}:${axon.port}`
}
