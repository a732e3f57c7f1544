import { spawnSync } from 'node:child_process'
import { hostname } from 'node:os'
import { expect, it } from 'vitest'
import { isOwnerGone, nameOwner } from './process-owner.ts'

it('knows of this machine which owners are gone, and of others nothing', () => {
  const { pid } = spawnSync(process.execPath, ['-e', ''])
  expect(isOwnerGone(`${hostname()}/${pid}/1`)).toBe(true)
  expect(isOwnerGone(nameOwner(1))).toBe(false)
  expect(isOwnerGone(`elsewhere-${hostname()}/${pid}/1`)).toBe(false)
  expect(isOwnerGone('')).toBe(false)
})
