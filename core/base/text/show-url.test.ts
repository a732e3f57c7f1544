import { expect, it } from 'vitest'
import { showUrl } from './show-url.ts'

it.each([
  ['wss://entrypoint-finney.opentensor.ai:443', 'wss://entrypoint-finney.opentensor.ai:443'],
  ['ws://127.0.0.1:9944/rpc', 'ws://127.0.0.1:9944/rpc'],
  ['wss://user:secret@node.example:443', 'wss://node.example'],
  ['wss://node.example/v1?apikey=secret', 'wss://node.example/v1?[redacted]'],
  ['wss://node.example/v1/0123456789abcdef0123456789abcdef', 'wss://node.example/v1/[redacted]'],
  ['ws://user:secret@node:port', '[unreadable address]'],
])('shows %s as %s', (url, shown) => {
  expect(showUrl(url)).toBe(shown)
})
