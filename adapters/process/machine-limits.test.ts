import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { childBudget } from './child-budget.ts'
import { readMachineLimits, usableThreads } from './machine-limits.ts'

function aRoot(files: Readonly<Record<string, string>>): string {
  const root = temporaryFolder()
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

const cgroup = 'sys/fs/cgroup'
const mebibyte = 1 << 20

describe('what the machine gives', () => {
  it('is all of it without limits', () => {
    const all = { cores: availableParallelism(), memoryBytes: totalmem() }
    expect(readMachineLimits(aRoot({}))).toEqual(all)
    const unlimited = {
      [`${cgroup}/memory.max`]: 'max\n',
      [`${cgroup}/cpu.max`]: 'max 100000\n',
      'proc/self/cgroup': '0::/\n',
    }
    expect(readMachineLimits(aRoot(unlimited))).toEqual(all)
    // Version 1 writes "no limit" as a number that no machine has.
    expect(readMachineLimits(aRoot({ [`${cgroup}/memory/memory.limit_in_bytes`]: '9223372036854771712' }))).toEqual(all)
  })
  it('is the least limit of any group above us, version 2', () => {
    const root = aRoot({
      'proc/self/cgroup': '0::/system.slice/miner.service\n',
      [`${cgroup}/system.slice/memory.max`]: String(200 * mebibyte),
      [`${cgroup}/system.slice/miner.service/memory.max`]: String(900 * mebibyte),
      [`${cgroup}/system.slice/miner.service/cpu.max`]: '50000 100000',
    })
    expect(readMachineLimits(root)).toEqual({ cores: 0.5, memoryBytes: 200 * mebibyte })
    expect(usableThreads(readMachineLimits(root))).toBe(1)
  })
  it('is read of version 1, also in a container that knows only the path of its host', () => {
    const root = aRoot({
      'proc/self/cgroup': '4:memory:/docker/abc\n1:cpu,cpuacct:/docker/abc\n0::/\n',
      [`${cgroup}/memory/memory.limit_in_bytes`]: String(300 * mebibyte),
      [`${cgroup}/cpu/cpu.cfs_quota_us`]: '100000',
      [`${cgroup}/cpu/cpu.cfs_period_us`]: '100000',
    })
    expect(readMachineLimits(root)).toEqual({ cores: 1, memoryBytes: 300 * mebibyte })
  })
})

it('leaves the miner a core and most of the memory', () => {
  const of = (cores: number, gibibytes: number) => childBudget({ cores, memoryBytes: gibibytes * 1024 * mebibyte })
  expect(of(1, 1)).toEqual({ threads: 1, heapMegabytes: 256 })
  expect(of(2, 4)).toEqual({ threads: 1, heapMegabytes: 512 })
  expect(of(4, 16)).toEqual({ threads: 3, heapMegabytes: 1_024 })
  expect(of(64, 256)).toEqual({ threads: 8, heapMegabytes: 2_048 })
})
