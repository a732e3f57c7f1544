import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { deflateCapacity, deflateText } from '#core/forecast/paths/deflate-text'
import { type AnswerParts, spliceAnswer } from './synapse-answer.ts'

const outputJson = new TextEncoder().encode('[1779710460,60,[103.25,1,2.5],[103.25,0.9,17]]')
const parts: AnswerParts = {
  synapse: 'Simulation',
  processSeconds: 0.25,
  inputName: 'simulation_input',
  inputJson: '{"asset":"BTC"}',
  outputName: 'simulation_output',
  outputJson,
}

function deflated(): Uint8Array {
  const target = new Uint8Array(deflateCapacity(outputJson.length))
  return target.subarray(0, deflateText(target, outputJson))
}

describe('spliceAnswer', () => {
  it('says the same plain and compressed, whether the output came deflated or not', async () => {
    const plain = spliceAnswer(parts)
    const pressed = spliceAnswer({ ...parts, deflatedOutput: deflated() })
    const text = (await plain.identity()).toString()
    expect(JSON.parse(text)).toMatchObject({
      simulation_input: { asset: 'BTC' },
      simulation_output: [1779710460, 60, [103.25, 1, 2.5], [103.25, 0.9, 17]],
    })
    // zlib checks length and checksum as well.
    expect(gunzipSync(await plain.gzip()).toString()).toBe(text)
    expect(gunzipSync(await pressed.gzip()).toString()).toBe(text)
    expect((await pressed.identity()).toString()).toBe(text)
  })

  it('expands at most once', () => {
    const pressed = spliceAnswer({ ...parts, deflatedOutput: deflated() })
    expect(pressed.identity()).toBe(pressed.identity())
  })
})
