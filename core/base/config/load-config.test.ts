import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ConfigError } from '../errors/app-error.ts'
import { ms, port, secret } from './fields.ts'
import { envName, loadConfig } from './load-config.ts'
import { showConfig } from './show-config.ts'

const schema = z.strictObject({
  axon: z
    .strictObject({
      port: port().default(8091),
      requestTimeoutMs: ms().default(20_000),
      hosts: z.array(z.string()).default([]),
    })
    .prefault({}),
  wallet: z.strictObject({ password: secret().optional() }).prefault({}),
})

const load = (over: Partial<Parameters<typeof loadConfig<typeof schema>>[0]> = {}) =>
  loadConfig({ schema, argv: [], env: {}, ...over })

const problemOf = (over: Parameters<typeof load>[0]): string => {
  try {
    load(over)
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  throw new Error('the configuration was accepted')
}

describe('loadConfig', () => {
  it('takes flags before environment before file before default, and says which', () => {
    const { config, sources } = load({
      argv: ['--axon.port', '1'],
      env: { VOLCAST_AXON_PORT: '2', VOLCAST_AXON_REQUEST_TIMEOUT_MS: '3' },
      file: { name: 'volcast.yaml', values: { axon: { port: 4, requestTimeoutMs: 5, hosts: ['a'] } } },
    })
    expect(config.axon).toEqual({ port: 1, requestTimeoutMs: 3, hosts: ['a'] })
    expect(sources).toEqual({
      'axon.port': 'flag',
      'axon.requestTimeoutMs': 'environment',
      'axon.hosts': 'file',
      'wallet.password': 'default',
    })
  })
  it('knows a table that came from the file', () => {
    const table = z.strictObject({
      a: z.strictObject({ limits: z.record(z.string(), z.number()).default({}) }).prefault({}),
    })
    const { config, sources } = loadConfig({
      ...{ schema: table, argv: [], env: {} },
      file: { name: 'f.yaml', values: { a: { limits: { BTC: 1 } } } },
    })
    expect([config, sources]).toEqual([{ a: { limits: { BTC: 1 } } }, { 'a.limits': 'file' }])
  })
  it('reads a list from a comma-separated variable', () => {
    expect(load({ env: { VOLCAST_AXON_HOSTS: 'a, b' } }).config.axon.hosts).toEqual(['a', 'b'])
  })
  it('names the nearest known key for an unknown one, wherever it came from', () => {
    expect(problemOf({ file: { name: 'f.yaml', values: { axon: { prot: 1 } } } })).toContain(
      'f.yaml: axon.prot is unknown. Did you mean axon.port?',
    )
    expect(problemOf({ argv: ['--axon.prt=1'] })).toContain('Flag --axon.prt is unknown. Did you mean --axon.port?')
    expect(problemOf({ env: { VOLCAST_AXON_PROT: '1' } })).toContain('Did you mean VOLCAST_AXON_PORT?')
    expect(problemOf({ file: { name: 'f.yaml', values: { axn: { port: 1 } } } })).toContain('axn is unknown')
  })
  it('reports every problem together', () => {
    const text = problemOf({
      argv: ['--axon.port=x'],
      file: { name: 'f.yaml', values: { axon: { requestTimeoutMs: -1 }, zebra: 1 } },
    })
    expect(text).toContain('--axon.port')
    expect(text).toContain('f.yaml: axon.requestTimeoutMs')
    expect(text).toContain('zebra is unknown')
  })
  it('ignores sections and variables of the other program', () => {
    expect(
      load({
        file: { name: 'f.yaml', values: { tuner: { x: 1 } } },
        env: { VOLCAST_TUNER_X: '1' },
        foreignSections: ['tuner'],
      }).config.axon.port,
    ).toBe(8091)
  })
  it('refuses a file that is not made of sections', () => {
    expect(problemOf({ file: { name: 'f.yaml', values: ['axon'] } })).toContain('must hold sections')
  })
  it('takes a section without lines as one that says nothing', () => {
    expect(load({ file: { name: 'f.yaml', values: { axon: null } } }).config.axon.port).toBe(8091)
  })
  it('names the file when a section holds something else', () => {
    expect(problemOf({ file: { name: 'f.yaml', values: { axon: 5 } } })).toContain('f.yaml: axon: ')
  })
  it('asks for the value of a flag that has none', () => {
    expect(problemOf({ argv: ['--wallet.password'] })).toContain('Flag --wallet.password needs a value')
    expect(problemOf({ argv: ['--axon.port', '--axon.hosts=a'] })).toContain(
      '--axon.port needs a value: --axon.port <number>',
    )
  })
  it('leaves prototypes alone', () => {
    problemOf({ file: { name: 'f.yaml', values: JSON.parse('{"__proto__": {"polluted": 1}}') } })
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
  it('returns a value that cannot be changed', () => {
    expect(Object.isFrozen(load().config.axon)).toBe(true)
  })
})

describe('showConfig', () => {
  it('never shows a secret', () => {
    const lines = showConfig(load({ env: { VOLCAST_WALLET_PASSWORD: 'hunter2' } }))
    expect(JSON.stringify(lines)).not.toContain('hunter2')
    expect(lines.find((line) => line.key === 'wallet.password')).toEqual({
      key: 'wallet.password',
      value: '[redacted]',
      source: 'environment',
    })
  })
})

describe('envName', () => {
  it('writes camel case with underscores', () => {
    expect(envName('axon.requestTimeoutMs')).toBe('VOLCAST_AXON_REQUEST_TIMEOUT_MS')
  })
})
