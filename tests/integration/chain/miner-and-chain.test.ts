import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { alice, aNeuron, aNode, smallSubnet } from '#tests/support/chain-fixtures'
import { hotkeyNamed, bob as validator } from '#tests/support/hotkeys'
import { nextNonceNs } from '#tests/support/live-axon'
import { type MockNode, mockGenesis } from '#tests/support/mock-node/mock-node'
import { type RunningMiner, runProgram, startMiner } from '#tests/support/programs'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { isoSeconds, promptBody, v10Headers } from '#tests/support/validator-request'

/** A folder with //Alice as the hotkey of the wallet "dev", and a configuration for this node. */
function aMinerFolder(node: MockNode, over: { genesisHash?: string; externalIp?: string } = {}): string {
  const cwd = temporaryFolder()
  const hotkeys = join(cwd, 'wallets', 'dev', 'hotkeys')
  mkdirSync(hotkeys, { recursive: true })
  const fixture = join(import.meta.dirname, '..', '..', 'support', 'fixtures', 'wallet', 'alice-uri')
  copyFileSync(fixture, join(hotkeys, 'default'))
  const settings = {
    wallet: { path: join(cwd, 'wallets'), name: 'dev', allowOpenKeyFile: true },
    chain: {
      ...{ network: 'local', endpoints: [node.url], netuid: 50, genesisHash: mockGenesis },
      ...{ startPatienceMs: 3_000, refreshCron: '* * * * * *', refreshJitterMs: 0, ...over },
    },
    recorder: { enabled: false },
    axon: { host: '127.0.0.1', port: 0 },
    health: { port: 0 },
  }
  writeFileSync(join(cwd, 'volcast.yaml'), JSON.stringify(settings))
  return cwd
}

const entries = (miner: RunningMiner) => miner.lines.map((line) => JSON.parse(line) as { event: string; port?: number })

async function lookUntil(url: string, isRight: (status: number, parts: Parts) => boolean): Promise<void> {
  for (;;) {
    const answer = await fetch(`${url}/health`)
    const { parts } = (await answer.json()) as { parts: Parts }
    if (isRight(answer.status, parts)) return
  }
}

type Parts = Readonly<Record<string, { state: string; sentence: string }>>

function ask(miner: RunningMiner): Promise<Response> {
  const { port } = entries(miner).find(({ event }) => event === 'axon.listening')!
  return fetch(`http://127.0.0.1:${port}/Simulation`, {
    method: 'POST',
    headers: v10Headers({ sender: validator, receiver: alice.address, nonceNs: nextNonceNs() }),
    body: promptBody({ asset: 'BTC', start_time: isoSeconds(Date.now() + 60_000) }),
  })
}

describe('the miner as a process, and its chain', () => {
  it('starts without a chain, admits nobody, says 503, and recovers by itself', async () => {
    const node = await aNode()
    await node.server.kill()
    const miner = await startMiner([], { cwd: aMinerFolder(node) })
    await lookUntil(miner.healthUrl, (status, { chain }) => status === 503 && chain?.state === 'failed')
    const refused = await ask(miner)
    expect(refused.status).toBe(503)
    expect(await refused.text()).toContain('metagraph_unavailable')
    await node.server.listen()
    await lookUntil(miner.healthUrl, (status, { chain }) => status === 200 && chain?.state === 'ok')
  })

  it('ends with 5 when the node serves another chain', async () => {
    const node = await aNode()
    const cwd = aMinerFolder(node, { genesisHash: `0x${'bb'.repeat(32)}` })
    await expect(startMiner([], { cwd })).rejects.toThrow(/ended with 5: CHAIN_WRONG/)
    expect(node.pool.submissions).toEqual([])
  })

  it('answers 503 to all when its place goes to another key, and serves again when it is back', async () => {
    const node = await aNode()
    const miner = await startMiner([], { cwd: aMinerFolder(node) })
    await lookUntil(miner.healthUrl, (_, { chain }) => chain?.state === 'ok')
    node.setNeurons([aNeuron({ hotkey: hotkeyNamed('another').address }), aNeuron({ hotkey: validator.address })])
    node.produceBlock()
    await lookUntil(miner.healthUrl, (status, { chain }) => status === 503 && chain?.state === 'failed')
    const refused = await ask(miner)
    expect(refused.status).toBe(503)
    expect(await refused.text()).toContain('deregistered')
    node.setNeurons([...smallSubnet])
    node.produceBlock()
    await lookUntil(miner.healthUrl, (status, { chain }) => status === 200 && chain?.state === 'ok')
  })

  it('announces its open port once, and not at all when the address is private', async () => {
    const node = await aNode()
    const cwd = aMinerFolder(node, { externalIp: '203.0.113.9' })
    const first = await startMiner([], { cwd })
    const { port } = entries(first).find(({ event }) => event === 'axon.listening')!
    expect(node.axonOf(alice.address)).toMatchObject({ ip: 3405803785n, port })
    first.child.kill('SIGTERM')
    await first.exit
    const second = await startMiner(['--axon.port', String(port)], { cwd })
    second.child.kill('SIGKILL')
    await second.exit
    expect(node.pool.submissions).toHaveLength(1)
    const behindRouter = aMinerFolder(node, { externalIp: '192.168.1.7' })
    await expect(startMiner([], { cwd: behindRouter })).rejects.toThrow(/ended with 78: AXON_IP_NOT_PUBLIC/)
    expect(node.pool.submissions).toHaveLength(1)
  })

  it('ends when its hotkey cannot be used, instead of staying without one', async () => {
    const node = await aNode()
    const start = startMiner(['--wallet.name', 'nobody'], { cwd: aMinerFolder(node) })
    await expect(start).rejects.toThrow(/ended with 78: WALLET_FILE_MISSING/)
  })

  it('shows its wallet without the chain, as JSON and nothing else', async () => {
    const node = await aNode()
    const shown = runProgram('miner', ['wallet', 'show', '--json', '--offline'], { cwd: aMinerFolder(node) })
    expect(shown.stderr).toBe('')
    expect(JSON.parse(shown.stdout)).toMatchObject({
      hotkeys: [{ wallet: 'dev', hotkey: 'default', encryption: 'none', address: alice.address, isVerified: true }],
    })
  })
})
