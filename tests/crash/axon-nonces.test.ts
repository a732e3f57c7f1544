import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { SplitMix64 } from '#core/base/random/rng'
import { alice, bob } from '#tests/support/hotkeys'
import { honestBody, nextNonceNs } from '#tests/support/live-axon'
import { codeOf, RawConnection, requestText } from '#tests/support/raw-http'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { v10Headers } from '#tests/support/validator-request'
import type { ChildReady } from './axon-child-worker.ts'

const kills = Number(process.env['VOLCAST_CRASH_KILLS'] ?? 12)
const seed = 20_260_716n

interface Sent {
  readonly headers: Record<string, string>
  readonly body: string
}

async function startChild(folder: string): Promise<{ child: ChildProcess; port: number }> {
  const child = fork(join(import.meta.dirname, 'axon-child-worker.ts'), [folder], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message) => resolve((message as ChildReady).port))
    child.once('exit', (code) => reject(new Error(`the axon ended with ${code}`)))
  })
  return { child, port }
}

function request(uuid: string): Sent {
  const headers = v10Headers({ sender: alice, receiver: bob.address, nonceNs: nextNonceNs(), uuid, timeout: '115.0' })
  return { headers, body: honestBody() }
}

const leastAnswers = 6

/** Sends until the axon dies; what was answered in full comes back. */
async function load(port: number, lane: string, onAnswer: () => void): Promise<Sent[]> {
  const answered: Sent[] = []
  const connection = await RawConnection.open(port)
  for (;;) {
    const sent = request(lane)
    connection.write(requestText(sent.headers, sent.body))
    const answer = await connection.next()
    if (answer === undefined) return answered
    if (answer.status !== 200) throw new Error(`status ${answer.status}: ${answer.body}`)
    answered.push(sent)
    onAnswer()
  }
}

it(`takes no answered nonce again after kill -9, ${kills} times`, { timeout: 60_000 + kills * 10_000 }, async () => {
  const folder = temporaryFolder()
  const rng = new SplitMix64(seed)
  let answeredTotal = 0
  let running = await startChild(folder)
  for (let kill = 0; kill < kills; kill += 1) {
    const { child, port } = running
    // After so many answers rather than after so long, and a little later, so that it is not always right after one.
    let left = leastAnswers + Math.floor(rng.next() * 40)
    const lagMs = rng.next() * 10
    const onAnswer = () => {
      left -= 1
      if (left === 0) setTimeout(() => child.kill('SIGKILL'), lagMs)
    }
    const lanes = Promise.all(['one', 'two', 'three'].map((lane) => load(port, `${lane}-${kill % 2}`, onAnswer)))
    const exited = new Promise((resolve) => child.once('exit', resolve))
    const answered = (await lanes).flat()
    await exited
    answeredTotal += answered.length

    running = await startChild(folder)
    const connection = await RawConnection.open(running.port)
    for (const { headers, body } of answered) {
      connection.write(requestText(headers, body))
      // The second where the kill came before the disk had it all: then the start takes nothing from before itself.
      expect(['nonce_replayed', 'nonce_from_before']).toContain(codeOf(await connection.next()))
    }
    const fresh = request('fresh')
    connection.write(requestText(fresh.headers, fresh.body))
    expect((await connection.next())?.status).toBe(200)
    connection.destroy()
  }
  expect(answeredTotal).toBeGreaterThan(kills * 5)
  console.log(`${kills} kills, ${answeredTotal} answered requests, none taken again`)
})
