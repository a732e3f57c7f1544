import { isoSeconds, promptBody } from '../validator-request.ts'
import type { Dice } from './dice.ts'
import type { FuzzRequest, FuzzWorld } from './fuzz-request.ts'

type Mutation = (request: FuzzRequest, dice: Dice, world: FuzzWorld) => void

const oddTexts = [
  '',
  ' ',
  '0',
  '-1',
  '1e9',
  '1e999',
  'NaN',
  'inf',
  'null',
  'None',
  '０１',
  '1_000',
  '+5',
  '0x10',
  '9'.repeat(40),
]
const oddValues: readonly unknown[] = [
  0,
  -1,
  1,
  1.5,
  60,
  61,
  3_600,
  1e9,
  1e12,
  2 ** 53,
  -0,
  '1000',
  '',
  null,
  true,
  [],
  {},
  [60],
  1e308,
]
const oddAssets: readonly unknown[] = [
  'ETH',
  'XAU',
  'btc',
  'DOGE',
  '',
  'BTC\u0000',
  '__proto__',
  'toString',
  7,
  null,
  ['BTC'],
  'x'.repeat(10_000),
]
const oddTokens = [
  ...[
    '{',
    '}',
    '[',
    ']',
    '"',
    ',',
    ':',
    '\\',
    '\\"',
    '\\u0000',
    '\\ud800',
    '\\ud83d\\ude00',
    '\\x',
    '\\u00g0',
    '/*x*/',
  ],
  ...['null', 'true', 'fals', '-', '-0', '01', '0.', '.5', '1e', '1e309', '1E-5', '9'.repeat(25), 'NaN', '{"a":', '[['],
  ...['"__proto__":1,', '"asset":"ETH",', '"constructor":{},', '\ufeff', '\u0000', '\t', '\u2028', '\u00e9', ''],
]
const oddHeaders: readonly (readonly [string, string])[] = [
  ['x-bittensor-version', '1'],
  ['content-encoding', 'gzip'],
  ['content-encoding', 'identity'],
  ['upgrade', 'h2c'],
  ['expect', 'nothing'],
  ['expect', '100-continue'],
  ['content-type', 'text/plain'],
  ['content-type', '/;;;'],
  ['accept-encoding', 'gzip;q=0, *'],
  ['accept-encoding', 'gzip'],
  ['x-forwarded-for', '203.0.113.9'],
  ['bt_header_axon_status_code', '200'],
]

function oddStarts(world: FuzzWorld): readonly unknown[] {
  const good = isoSeconds(world.nowMs + 58_000)
  return [
    good.replace('+00:00', 'Z'),
    good.slice(0, 19),
    good.replace('T', ' '),
    `${good.slice(0, 19)}+05:00`,
    `${good.slice(0, 19)}.5+00:00`,
    isoSeconds(world.nowMs + 3_500_000),
    isoSeconds(world.nowMs + 3_700_000),
    isoSeconds(world.nowMs - 60_000),
    '2026-02-30T00:00:00+00:00',
    '2026-05-25T24:00:00Z',
    '10000-01-01T00:00:00Z',
    Math.floor(world.nowMs / 1_000),
    null,
    '',
  ]
}

function setPrompt(request: FuzzRequest, world: FuzzWorld, change: Record<string, unknown>): void {
  request.body = Buffer.from(promptBody({ start_time: isoSeconds(world.nowMs + 58_000), ...change }))
}

const mutations: Readonly<Record<string, Mutation>> = {
  dropHeader: (request, dice) => {
    delete request.headers[dice.pick(Object.keys(request.headers))]
  },
  oddHeader: (request, dice) => {
    request.headers[dice.pick(Object.keys(request.headers))] = dice.pick(oddTexts)
  },
  randomHeader: (request, dice) => {
    request.headers[dice.pick(Object.keys(request.headers))] = dice.text(60)
  },
  flipHeader: (request, dice) => {
    const name = dice.pick(Object.keys(request.headers))
    const value = request.headers[name]!
    const at = dice.below(value.length)
    request.headers[name] = value.slice(0, at) + dice.pick([...'0123456789abcdefXYZ']) + value.slice(at + 1)
  },
  extraHeader: (request, dice) => {
    const [name, value] = dice.pick(oddHeaders)
    request.headers[name] = value
  },
  manyHeaders: (request) => {
    for (let i = 0; i < 120; i += 1) request.headers[`x-${i}`] = 'y'
  },
  otherSender: (request, dice, world) => {
    request.headers['bt_header_dendrite_hotkey'] = dice.pick(world.senders).address
  },
  otherReceiver: (request, dice, world) => {
    request.headers['bt_header_axon_hotkey'] = dice.pick(world.senders).address
  },
  upperSignature: (request) => {
    request.headers['bt_header_dendrite_signature'] = request.signature.toUpperCase().replace('0X', '0x')
  },
  timeout: (request, dice) => {
    request.headers['timeout'] = dice.pick(['1e9', '0', '0.0', '1e-05', '120', '-5', 'nan', '5.', '.5', '1e400', ' 5'])
  },
  method: (request, dice) => {
    request.method = dice.pick(['GET', 'PUT', 'HEAD', 'DELETE', 'OPTIONS', 'PATCH'])
  },
  path: (request, dice) => {
    request.path = dice.pick([
      '/',
      '/simulation',
      '/Simulation/',
      '/Simulation?x=1',
      '/Synapse',
      '//Simulation',
      '/Simulation%00',
      '/%zz',
    ])
  },
  cutBody: (request, dice) => {
    request.body = request.body.subarray(0, dice.below(request.body.length))
  },
  flipBody: (request, dice) => {
    request.body = Buffer.from(request.body)
    request.body[dice.below(request.body.length)] = dice.below(256)
  },
  tokens: (request, dice) => {
    for (let i = 1 + dice.below(3); i > 0; i -= 1) {
      const text = request.body.toString()
      const at = dice.below(text.length + 1)
      request.body = Buffer.from(text.slice(0, at) + dice.pick(oddTokens) + text.slice(at + dice.below(4)))
    }
  },
  randomBody: (request, dice) => {
    request.body = dice.bytes(dice.below(200))
  },
  largeBody: (request, dice) => {
    request.body = Buffer.alloc(60_000 + dice.below(20_000), dice.pick([' ', '[', '{"a":']))
  },
  longBody: (request, dice) => {
    request.body = Buffer.concat([request.body, Buffer.alloc(dice.below(70_000), ' ')])
  },
  twiceInBody: (request) => {
    request.body = Buffer.from(request.body.toString().replace('"asset":', '"asset":"ETH","asset":'))
  },
  barePrompt: (request, _dice, world) => {
    setPrompt(request, world, {})
    const { simulation_input: prompt } = JSON.parse(request.body.toString()) as { simulation_input: unknown }
    request.body = Buffer.from(JSON.stringify(prompt))
  },
  noPrompt: (request, dice) => {
    request.body = Buffer.from(dice.pick(['{}', '{"simulation_input":null}', '{"simulation_input":[]}', '[]', 'null']))
  },
  steps: (request, dice, world) =>
    setPrompt(request, world, {
      time_increment: dice.pick([1, 7, 60, 300]),
      time_length: dice.pick([1, 59, 60, 61, 90, 3_600, 3_601, 86_400]),
      num_simulations: dice.pick([1, 2, 3, 4, 1_000, 1_001]),
    }),
  asset: (request, dice, world) => setPrompt(request, world, { asset: dice.pick(oddAssets) }),
  start: (request, dice, world) => setPrompt(request, world, { start_time: dice.pick(oddStarts(world)) }),
  sizes: (request, dice, world) =>
    setPrompt(request, world, {
      [dice.pick(['time_increment', 'time_length', 'num_simulations'])]: dice.pick(oddValues),
      [dice.pick(['time_increment', 'time_length', 'num_simulations'])]: dice.pick(oddValues),
    }),
}

export const mutationNames: readonly string[] = Object.keys(mutations)

export function mutate(request: FuzzRequest, name: string, dice: Dice, world: FuzzWorld): void {
  request.changes.push(name)
  mutations[name]!(request, dice, world)
}
