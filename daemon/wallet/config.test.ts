import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { resolveWallet, walletConfigFields } from './config.ts'

const resolve = (config: object, env: Record<string, string> = {}) =>
  resolveWallet(z.strictObject(walletConfigFields).parse(config), { env, homeFolder: '/home/u' })

describe('resolveWallet', () => {
  it('takes the defaults of the Bittensor tools, and says that nothing was chosen', () => {
    expect(resolve({})).toEqual({
      isConfigured: false,
      hotkeys: [{ walletsPath: '/home/u/.bittensor/wallets', walletName: 'default', hotkeyName: 'default' }],
      passwordFile: undefined,
      allowOpenKeyFile: false,
    })
  })
  it('takes the configuration before the variables of the tools', () => {
    const env = { BT_WALLET_NAME: 'a', BT_WALLET_HOTKEY: 'b', BT_WALLET_PATH: '/w', BT_WALLET_PASSWORD_FILE: '~/p' }
    expect(resolve({}, env)).toMatchObject({
      isConfigured: true,
      hotkeys: [{ walletsPath: '/w', walletName: 'a', hotkeyName: 'b' }],
      passwordFile: '/home/u/p',
    })
    expect(resolve({ name: 'x', hotkeys: ['y', 'z'], path: '~/v' }, env).hotkeys).toEqual([
      { walletsPath: '/home/u/v', walletName: 'x', hotkeyName: 'y' },
      { walletsPath: '/home/u/v', walletName: 'x', hotkeyName: 'z' },
    ])
  })
  it('knows the newer name of the variable, and takes an empty one for unset', () => {
    expect(resolve({}, { BT_WALLET: 'v11' }).hotkeys[0]?.walletName).toBe('v11')
    expect(resolve({}, { BT_WALLET_NAME: '' }).isConfigured).toBe(false)
  })
})
