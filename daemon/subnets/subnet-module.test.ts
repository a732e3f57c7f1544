import { expect, it } from 'vitest'
import { synthRefusals } from '#core/synth/prompts/synth-refusals'
import { checkRefusalCodes, type SubnetModule } from './subnet-module.ts'

const entry = { status: 400, message: 'No.' }
const aModule = (name: string, refusals: SubnetModule['refusals']): SubnetModule => ({ name, refusals, synapses: [] })

it('refuses modules whose refusal codes are those of the axon or of another module', () => {
  const synth = aModule('synth', synthRefusals)
  expect(() => checkRefusalCodes([synth, aModule('other', { own_word: entry })])).not.toThrow()
  expect(() => checkRefusalCodes([synth, aModule('other', { bad_json: entry })])).toThrow('"bad_json" of other')
  expect(() => checkRefusalCodes([synth, aModule('other', { unknown_asset: entry })])).toThrow('that of synth too')
})
