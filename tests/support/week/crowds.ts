import { connect, type Socket } from 'node:net'
import { systemClock } from '#adapters/clock/system-clock'
import { simulationCall } from '#standins/validator/simulation-call'
import { RawConnection, requestText } from '../raw-http.ts'

const forgeriesAtOnce = 10
const pauseMs = 50

/** Requests in the name of a validator whose signature does not hold, from many addresses, until it is over. */
export async function forge(
  facts: { port: () => number; sender: string; receiver: string; nowMs: () => number },
  isOver: () => boolean,
): Promise<number> {
  let sent = 0
  const forger = { address: facts.sender, sign: () => new Uint8Array(64).fill(7) }
  while (!isOver()) {
    await Promise.all(
      Array.from({ length: forgeriesAtOnce }, async () => {
        sent += 1
        const prompt = {
          asset: 'BTC',
          startAtSeconds: Math.floor(facts.nowMs() / 60_000) * 60,
          ...{ stepSeconds: 300, timeLengthSeconds: 86_400, pathCount: 100 },
        }
        const nonceNs = BigInt(facts.nowMs()) * 1_000_000n + BigInt(sent)
        const uuid = `forged-${sent}`
        const call = simulationCall(prompt, {
          signer: forger,
          receiver: facts.receiver,
          nonceNs,
          uuid,
          timeoutSeconds: 60,
        })
        const connection = await RawConnection.open(facts.port(), `127.0.1.${1 + (sent % 200)}`).catch(() => undefined)
        connection?.write(requestText(call.headers, call.body))
        setTimeout(() => connection?.destroy(), 500)
      }),
    )
    await systemClock.sleep(pauseMs)
  }
  return sent
}

/** Connections of three addresses that say nothing. Answers how to end them. */
export function standSilent(port: number, count: number): () => void {
  const sockets = Array.from({ length: count }, (_, i): Socket => {
    const socket = connect({ port, host: '127.0.0.1', localAddress: `127.0.2.${1 + (i % 3)}` })
    return socket.on('error', () => {}).resume()
  })
  return () => {
    for (const socket of sockets) socket.destroy()
  }
}
