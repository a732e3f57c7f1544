import { describe, expect, it } from 'vitest'
import { nearestName } from './nearest-name.ts'

describe('nearestName', () => {
  it('finds the name behind a typing mistake', () => {
    expect(nearestName('prot', ['host', 'port', 'path'])).toBe('port')
    expect(nearestName('requestTimeoutMS', ['requestTimeoutMs', 'port'])).toBe('requestTimeoutMs')
  })
  it('says nothing when nothing is close', () => {
    expect(nearestName('banana', ['host', 'port'])).toBeUndefined()
  })
})
