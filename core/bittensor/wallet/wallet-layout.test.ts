import { describe, expect, it } from 'vitest'
import { expandHome, hotkeyFilePath, passwordVariable, publicFilePath, revealPassword } from './wallet-layout.ts'

const reference = { walletsPath: '/home/u/.bittensor/wallets/', walletName: 'miner', hotkeyName: 'default' }

describe('the standard wallet folder', () => {
  it('puts a hotkey under its wallet', () => {
    expect(hotkeyFilePath(reference)).toBe('/home/u/.bittensor/wallets/miner/hotkeys/default')
    expect(publicFilePath(hotkeyFilePath(reference))).toBe('/home/u/.bittensor/wallets/miner/hotkeys/defaultpub.txt')
  })
  it.each(['', '.', '..', '../../etc', 'a/b', 'a\\b', 'a\0b'])('refuses %j as a name', (name) => {
    expect(() => hotkeyFilePath({ ...reference, hotkeyName: name })).toThrow(/is not a hotkey name/)
    expect(() => hotkeyFilePath({ ...reference, walletName: name })).toThrow(/is not a wallet name/)
  })
  it('knows the home folder only as a shell does', () => {
    expect(expandHome('~/.bittensor', '/home/u')).toBe('/home/u/.bittensor')
    expect(expandHome('~', '/home/u/')).toBe('/home/u')
    expect(expandHome('/a/~/b', '/home/u')).toBe('/a/~/b')
  })
})

describe('the password variable of the Bittensor tools', () => {
  const variable = 'BT_PW__HOME_U__BITTENSOR_WALLETS_MINER_HOTKEYS_DEFAULT'
  it('is named after the path', () => {
    expect(passwordVariable(hotkeyFilePath(reference))).toBe(variable)
  })
  it('gives back the password that was hidden in it', () => {
    expect(revealPassword('JTszNDIxcjwqPjFyJT4sMT47JiE=', variable)).toBe('golden-test-password')
  })
  it('says so when it holds something else', () => {
    expect(revealPassword('not base64 !', variable)).toBeUndefined()
    expect(revealPassword(btoa('\xff\xff\xff'), variable)).toBeUndefined()
  })
})
