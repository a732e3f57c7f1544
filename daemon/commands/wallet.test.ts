import { describe, expect, it } from 'vitest'
import { runProgram } from '#adapters/cli/run-program'
import type { Registration } from '#core/bittensor/chain/registration'
import type { HotkeyFileFacts } from '#core/bittensor/wallet/hotkey-wallet'
import { WalletError } from '#core/bittensor/wallet/wallet-error'
import { addWalletCommand } from './wallet.ts'

const address = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY'
const reference = { walletsPath: '/w', walletName: 'dev', hotkeyName: 'default' }
const facts: HotkeyFileFacts = {
  path: '/w/dev/hotkeys/default',
  encryption: 'none',
  mode: '600',
  isReadableByOthers: false,
  claimedAddress: address,
}

async function run(
  argv: readonly string[],
  options: { facts?: Partial<HotkeyFileFacts>; refusal?: WalletError; registration?: Registration } = {},
) {
  const written: string[] = []
  const warned: string[] = []
  const did: string[] = []
  const signer = { address, publicKey: new Uint8Array(32), sign: () => new Uint8Array(64) }
  const exitCode = await runProgram({
    name: 'miner',
    description: '',
    version: '0',
    argv: ['wallet', 'show', ...argv],
    terminal: {
      write: (line) => void written.push(line),
      warn: (line) => void warned.push(line),
      columns: undefined,
      hasColor: false,
    },
    addCommands: (program) =>
      addWalletCommand(program, {
        terminal: { write: (line) => void written.push(line), warn: () => {}, columns: undefined, hasColor: false },
        openHotkeys: ({ mayAsk }) => {
          did.push(mayAsk ? 'may ask' : 'may not ask')
          const unlock = async () => {
            did.push('unlock')
            if (options.refusal !== undefined) throw options.refusal
            return signer
          }
          return [{ reference, wallet: { inspect: async () => ({ ...facts, ...options.facts }), unlock } }]
        },
        openLookup: () => ({
          netuid: 50,
          registrationOf: async () => options.registration ?? { state: 'registered', uid: 7 },
          stop: async () => void did.push('closed the lookup'),
        }),
      }),
  })
  return { exitCode, written: written.join('\n'), warned: warned.join('\n'), did }
}

describe('miner wallet show', () => {
  it('shows address, file, encryption, permissions and registration', async () => {
    const { written, exitCode, did } = await run([])
    expect(written).toContain(`${address} (derived from the secret)`)
    expect(written).toContain('uid 7 on subnet 50')
    expect(written).toContain('600')
    expect(exitCode).toBe(0)
    expect(did.at(-1)).toBe('closed the lookup')
  })
  it('leaves an encrypted key closed unless it is asked to open it', async () => {
    const { written, did } = await run([], { facts: { encryption: 'nacl' } })
    expect(did).not.toContain('unlock')
    expect(written).toContain('as the file says')
    expect((await run(['--unlock'], { facts: { encryption: 'nacl' } })).did).toContain('unlock')
  })
  it('shows what it can of a refused key, then ends with its code', async () => {
    const refusal = new WalletError('WALLET_FILE_OPEN_TO_OTHERS', 'Other users may read it.')
    const { written, warned, exitCode } = await run([], { refusal, facts: { mode: '644', isReadableByOthers: true } })
    expect(written).toContain('644 (other users may read it)')
    expect(warned).toContain('WALLET_FILE_OPEN_TO_OTHERS')
    expect(exitCode).toBe(78)
  })
  it('gives JSON without asking anybody, and stays away from the chain when told to', async () => {
    const { written, did } = await run(['--json', '--offline'])
    expect(JSON.parse(written)).toEqual({
      hotkeys: [
        {
          wallet: 'dev',
          hotkey: 'default',
          file: facts.path,
          encryption: 'none',
          mode: '600',
          isReadableByOthers: false,
          address,
          isVerified: true,
          registration: null,
          problem: null,
        },
      ],
    })
    expect(did).toEqual(['may not ask', 'unlock'])
  })
  it.each<[Registration, string]>([
    [{ state: 'deregistered' }, 'no, not on subnet 50'],
    [{ state: 'unknown', reason: 'no endpoint answers' }, 'unknown: no endpoint answers'],
  ])('says %j in words', async (registration, words) => {
    expect((await run([], { registration })).written).toContain(words)
  })
})
