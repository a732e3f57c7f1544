import { expect, it } from 'vitest'
import { schnorrkelVerifier } from '#adapters/sr25519/schnorrkel-verifier'
import { devHotkey } from './dev-hotkey.ts'

it('is the same hotkey for the same name, another for another', () => {
  expect(devHotkey('miner').address).toBe(devHotkey('miner').address)
  expect(devHotkey('miner').address).not.toBe(devHotkey('validator').address)
  expect(devHotkey('miner').address).toMatch(/^5[1-9A-HJ-NP-Za-km-z]{47}$/)
})

it('signs what the chain and our axon can verify', () => {
  const { publicKey, sign } = devHotkey('validator')
  const message = new TextEncoder().encode('hello')
  expect(schnorrkelVerifier.verify(message, sign(message), publicKey)).toBe(true)
  expect(schnorrkelVerifier.verify(new TextEncoder().encode('hallo'), sign(message), publicKey)).toBe(false)
})
