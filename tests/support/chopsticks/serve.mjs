// Serves the genesis named on the command line and writes the address of the node as one line of JSON.
import { readFileSync } from 'node:fs'
import { Block, setupWithServer } from '@acala-network/chopsticks'

const genesisPath = process.argv[2]
const genesis = JSON.parse(readFileSync(genesisPath, 'utf8'))
const slotMs = Number(process.env['SUBTENSOR_SLOT_MS'] ?? 1_000)

// Chopsticks asks the wasm for the length of a slot in a helper that cannot run this runtime, and then takes 12 s. It
// looks at this constant first.
const { get } = Object.getOwnPropertyDescriptor(Block.prototype, 'meta')
Object.defineProperty(Block.prototype, 'meta', {
  configurable: true,
  get() {
    return get.call(this).then((meta) => {
      meta.consts.asyncBacking ??= { expectedBlockTime: { toNumber: () => slotMs } }
      return meta
    })
  },
})

const { addr } = await setupWithServer({
  genesis,
  port: 0,
  host: '127.0.0.1',
  'build-block-mode': 'Instant',
  'allow-unresolved-imports': true,
  'mock-signature-host': false,
  'process-queued-messages': false,
  'save-blocks': false,
  'runtime-log-level': 0,
})
process.stdout.write(`${JSON.stringify({ url: `ws://${addr}` })}\n`)
