import { expect, it } from 'vitest'
import { readOutput } from '#core/forecast/journal/read-output'
import { aServed, sha256 } from '#tests/support/served-prediction'
import { decodePrices, encodePrices, preparePrices } from './prices-blob.ts'

const day = { lengthSeconds: 86_400, stepSeconds: 300, pathCount: 200 }

function parsed(json: Uint8Array | string): number[] {
  const text = typeof json === 'string' ? json : new TextDecoder().decode(json)
  return (JSON.parse(text) as unknown[]).slice(2).flat() as number[]
}

function roundTrip(json: Uint8Array) {
  const reading = readOutput(json)
  if (!reading.ok) throw new Error(reading.detail)
  const blob = encodePrices(reading.prices)
  return { blob, paths: decodePrices(blob.encoding, blob.bytes) }
}

it.each([0.000_01, 0.55, 9.999, 150.25, 63_251.37])(
  'gives back day-long paths from %d bit for bit, in a quarter of the text',
  (priceUsd) => {
    const { outputJson } = aServed({ prompt: day, priceUsd })
    const { blob, paths } = roundTrip(outputJson)
    expect([paths.pathCount, paths.pointCount]).toEqual([200, 289])
    expect([...paths.values]).toEqual(parsed(outputJson))
    expect(blob.encoding).toBe('planes')
    expect(blob.bytes.length).toBeLessThan(outputJson.length / 4)
  },
)

it('makes flat paths nearly nothing', () => {
  const text = `[1,300${`,[${Array.from({ length: 289 }, () => '63251.37').join(',')}]`.repeat(100)}]`
  const { blob, paths } = roundTrip(new TextEncoder().encode(text))
  expect([...paths.values]).toEqual(parsed(text))
  expect(blob.bytes.length).toBeLessThan(1_000)
})

it('keeps prices that lie too many decades apart as doubles', () => {
  const text = '[1,60,[0.0000001,99999999,3],[1,2,3.1]]'
  const { blob, paths } = roundTrip(new TextEncoder().encode(text))
  expect(blob.encoding).toBe('doubles')
  expect([...paths.values]).toEqual(parsed(text))
})

it('throws on a blob that is cut or damaged instead of giving other prices of another shape', () => {
  const { blob } = roundTrip(aServed({ prompt: day }).outputJson)
  for (const end of [0, 5, 9, 10, 100, blob.bytes.length - 1]) {
    expect(() => decodePrices('planes', blob.bytes.subarray(0, end))).toThrow()
  }
  expect(() => decodePrices('doubles', blob.bytes)).toThrow()
})

it('prepares only the output that the record speaks of', () => {
  const { outputJson, served } = aServed()
  const good = preparePrices(outputJson, served.outputHash)
  expect(good.ok && good.prices.hash === sha256(good.prices.bytes)).toBe(true)
  expect(preparePrices(outputJson, sha256(outputJson.subarray(1)))).toMatchObject({ ok: false })
  const broken = outputJson.subarray(1)
  expect(preparePrices(broken, sha256(broken))).toMatchObject({
    ok: false,
    reason: expect.stringContaining('cannot be read'),
  })
})
