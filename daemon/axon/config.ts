import { z } from 'zod'
import { ms, port } from '#core/base/config/fields'
import { dayMs } from '#core/base/time/units'
import { isIpEntry, nearestIpEntry } from '#core/bittensor/addresses/ip-ranges'
import { type NetworkName, networks } from '#core/bittensor/chain/networks'

const count = () => z.int().min(1)

/** Nonsense would be an entry that matches nobody, so that a validator is locked out without a word. */
function checkIpEntry(
  entry: string,
  context: { addIssue: (issue: { code: 'custom'; message: string }) => void },
): void {
  if (isIpEntry(entry)) return
  const close = nearestIpEntry(entry)
  const hint =
    close === undefined ? 'Write 203.0.113.9, 203.0.113.0/24, 2001:db8::/32 or synth-2026-06' : `Did you mean ${close}?`
  context.addIssue({
    code: 'custom',
    message: `${JSON.stringify(entry)} is not an address, a range or a preset. ${hint}`,
  })
}

const axon = z
  .strictObject({
    host: z.string().default('0.0.0.0').describe('Address that the axon listens on'),
    port: port().default(8091).describe('Port that the axon listens on; 0 uses any free one'),
    bodyLimitBytes: count().default(65_536).describe('Largest request body that is read; a real one has about 1 kB'),
    headerLimitBytes: count().default(16_384).describe('Largest block of request headers; a real one has about 1.1 kB'),
    maxHeaders: count().default(100).describe('Most header lines of one request'),
    headersTimeoutMs: ms().default(10_000).describe('Time for the headers of a request to arrive'),
    bodyTimeoutMs: ms().default(10_000).describe('Time for the body of an admitted request to arrive'),
    requestTimeoutMs: ms().default(20_000).describe('Time for a whole request to arrive'),
    idleTimeoutMs: ms()
      .default(75_000)
      .describe(
        'How long an idle connection is kept open; longer than clients keep theirs, so that none is cut in reuse',
      ),
    sendIdleTimeoutMs: ms().default(30_000).describe('How long a peer may stop reading its answer'),
    maxWorkMs: ms().default(50_000).describe('Longest work on one request, if its own timeout is not shorter'),
    maxWaitMs: ms().default(10_000).describe('Longest wait for a free slot'),
    maxAtWork: count().default(64).describe('Requests in progress at the same time, over all hotkeys'),
    maxAtWorkPerHotkey: count().default(4).describe('Requests of one validator in progress at the same time'),
    maxWaiting: z.int().min(0).default(512).describe('Requests that wait for a slot; the highest stake goes first'),
    maxWaitingPerHotkey: z.int().min(0).default(64).describe('Requests of one validator that wait for a slot'),
    maxConnections: count().default(4_096).describe('Open connections; a quarter is kept for known addresses'),
    maxConnectionsPerIp: count()
      .default(64)
      .describe('Open connections from one unknown address; a validator needs a few'),
    maxConnectionsPerKnownIp: count()
      .default(1_024)
      .describe('Open connections from an address that sent a valid signature, is announced on chain, or is listed'),
    answerAtMs: ms()
      .default(0)
      .describe('How long before the start of its forecast an answer is made, to use the newest price; 0: at once'),
    drainMs: ms().default(8_000).describe('How long a stop waits for requests in progress'),
  })
  .prefault({})

const auth = z
  .strictObject({
    schemes: z
      .array(z.enum(['v10', 'btauth1']))
      .min(1)
      .default(['v10'])
      .describe('Accepted authentication schemes: v10 and btauth1'),
    nonceGraceMs: ms().default(4_000).describe("Largest age of a nonce, on top of the caller's own timeout"),
    maxTimeoutMs: ms().default(120_000).describe('Most that the unsigned timeout header may add to that age'),
    nonceAheadMs: ms()
      .default(30_000)
      .describe('How far ahead of our clock a nonce may be; the SDK of validators has no limit'),
    btauthMaxAgeMs: ms().default(10_000).describe('Largest age of a btauth/1 nonce'),
    btauthMaxAheadMs: ms().default(2_000).describe('How far ahead of our clock a btauth/1 nonce may be'),
    maxLanesPerSender: count().default(256).describe('Nonce lanes (uuids) kept for one validator'),
    maxFailuresPerIp: count().default(20).describe('Wrong signatures allowed from one address in ten seconds'),
    strangerChecksPerSecond: count()
      .default(500)
      .describe('Signatures verified per second for addresses without a valid one so far'),
  })
  .prefault({})

const admission = z
  .strictObject({
    minStakeTao: z
      .number()
      .min(0)
      .optional()
      .describe('Stake below which a caller is refused; default 65000, and 0 where chain.network is not finney'),
    requirePermit: z.boolean().default(true).describe('Refuse callers without a validator permit'),
    maxMetagraphAgeMs: ms()
      .default(7 * dayMs)
      .describe(
        'Age up to which the last good metagraph decides who may ask; default 7 days. Its age is on the health page',
      ),
    ipAllowListMode: z
      .enum(['off', 'fixed', 'metagraph'])
      .default('off')
      .describe(
        'off, fixed (only the listed addresses) or metagraph (also those that validators announce on chain; most run with their axon off, announce none, and are locked out unless they are listed)',
      ),
    ipAllowList: z
      .array(z.string().superRefine(checkIpEntry))
      .default([])
      .describe(
        'Addresses that may call when the mode is not off, and for which room is kept in every mode: addresses, ranges such as 203.0.113.0/24 or 2001:db8::/32, or synth-2026-06, the addresses that the network published in June 2026',
      ),
  })
  .superRefine((values, context) => {
    if (values.ipAllowListMode !== 'fixed' || values.ipAllowList.length > 0) return
    const message =
      'fixed admits only the listed addresses, and admission.ipAllowList is empty. List [synth-2026-06], or set the mode to off'
    context.addIssue({ code: 'custom', path: ['ipAllowListMode'], message })
  })
  .prefault({})

/** Sections of the daemon's schema that the axon reads. */
export const axonConfigFields = { axon, auth, admission }

const AxonConfig = z.strictObject(axonConfigFields)

type WrittenAxonConfig = z.output<typeof AxonConfig>

/** The sections as the axon reads them: with the floor of stake that the network has. */
export interface AxonConfig extends Omit<WrittenAxonConfig, 'admission'> {
  readonly admission: WrittenAxonConfig['admission'] & { readonly minStakeTao: number }
}

export function resolveAxon({ axon, auth, admission }: WrittenAxonConfig, network: NetworkName): AxonConfig {
  const minStakeTao = admission.minStakeTao ?? networks[network].minStakeTao
  return { axon, auth, admission: { ...admission, minStakeTao } }
}

export function defaultAxonConfig(): AxonConfig {
  return resolveAxon(AxonConfig.parse({}), 'finney')
}
