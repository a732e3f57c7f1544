import { describe, expect, it } from 'vitest'
import { synthRefusals } from '#core/synth/prompts/synth-refusals'
import { checkModules, type SubnetModule } from './subnet-module.ts'

const entry = { status: 400, message: 'No.' }
const synth: SubnetModule = { name: 'synth', netuid: 50, refusals: synthRefusals, synapses: [] }
const other = (change: Partial<SubnetModule>): SubnetModule => ({ ...synth, name: 'other', refusals: {}, ...change })

describe('modules of one axon', () => {
  it('have refusal codes of their own', () => {
    expect(() => checkModules([synth, other({ refusals: { own_word: entry } })])).not.toThrow()
    expect(() => checkModules([synth, other({ refusals: { bad_json: entry } })])).toThrow('"bad_json" of other')
    expect(() => checkModules([synth, other({ refusals: { unknown_asset: entry } })])).toThrow('also a code of synth')
  })

  it('are on one subnet', () => {
    expect(() => checkModules([synth, other({ netuid: 247 })])).toThrow('other is on subnet 247, not 50')
  })
})
