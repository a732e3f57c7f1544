import { describe, expect, it } from 'vitest'
import { nameDispatchError, nameRefusal } from './pool-error.ts'

describe('nameRefusal', () => {
  // C8, in the words of a node and of a node that writes the codes out.
  it.each([
    ['1010: Invalid Transaction: Custom error: 10', 'HotKeyNotRegisteredInNetwork', 'deregistered'],
    ['1010: Invalid Transaction: Custom error: 11', 'InvalidIpAddress', 'misconfigured'],
    ['1010: Invalid Transaction: Custom error: 12', 'ServingRateLimitExceeded', 'rateLimited'],
    ['1010: Invalid Transaction: Custom error: 13', 'InvalidPort', 'misconfigured'],
    ['1010: Invalid Transaction: Custom error: 255', 'BadRequest', 'other'],
    ['1010: Invalid Transaction: Custom error: 77', 'Custom77', 'other'],
    ['1: 1010: {"invalid":{"custom":10}}', 'HotKeyNotRegisteredInNetwork', 'deregistered'],
    ['1: 1010: {"invalid":{"custom":12}}', 'ServingRateLimitExceeded', 'rateLimited'],
    ['1: 1010: {"invalid":{"custom":255}}', 'BadRequest', 'other'],
    ['1010: Invalid Transaction: Transaction is outdated', 'Stale', 'stale'],
    ['1: 1010: {"invalid":{"stale":null}}', 'Stale', 'stale'],
    ['1010: Invalid Transaction: Transaction has a bad signature', 'BadProof', 'other'],
    ['1: 1010: {"invalid":{"badProof":null}}', 'BadProof', 'other'],
    ['1012: Transaction is temporarily banned', 'TemporarilyBanned', 'other'],
    ['1013: Transaction Already Imported', 'AlreadyImported', 'other'],
    ['1014: Priority is too low: (1 vs 1)', 'PriorityTooLow', 'other'],
    ['something new', 'Unknown', 'other'],
  ])('%s is %s', (text, name, kind) => {
    expect(nameRefusal(text)).toMatchObject({ name, kind, text })
  })
  it('treats an error out of a block by its name', () => {
    expect(nameDispatchError('ServingRateLimitExceeded').kind).toBe('rateLimited')
    expect(nameDispatchError('HotKeyNotRegisteredInSubNet').kind).toBe('deregistered')
    expect(nameDispatchError('NotApplied').kind).toBe('other')
  })
})
