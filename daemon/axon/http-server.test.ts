import { expect, it } from 'vitest'
import { defaultAxonConfig } from './config.ts'
import { createHttpServer } from './http-server.ts'

it('takes limits that are longer than those of Node', async () => {
  const { axon } = defaultAxonConfig()
  const handlers = { onClientError: () => {}, onBadUrl: () => {} }
  const app = createHttpServer({ ...axon, headersTimeoutMs: 600_000, requestTimeoutMs: 1_200_000 }, handlers)
  const { headersTimeout, requestTimeout } = app.server
  expect([headersTimeout, requestTimeout]).toEqual([600_000, 1_200_000])
  await app.close()
})
