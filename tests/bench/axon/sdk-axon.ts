import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pythonWithSdk, sdkEnvironment } from '#tests/support/python'

/** Starts the SDK's own axon with the forecast ready; undefined where there is no SDK. */
export async function startSdkAxon(output: unknown): Promise<{ port: number; stop: () => void } | undefined> {
  const python = pythonWithSdk()
  if (python === undefined) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'volcast-sdk-'))
  const file = join(folder, 'output.json')
  writeFileSync(file, JSON.stringify(output))
  const port = await freePort()
  const seed = createHash('sha256').update('test hotkey bench miner').digest('hex')
  const script = join(import.meta.dirname, '..', 'peer', 'sdk_axon.py')
  const child = spawn(python, [script, String(port), `0x${seed}`, file], {
    env: sdkEnvironment(),
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString()
  })
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('ready')) resolve()
    })
    child.on('exit', (code) => reject(new Error(`the SDK's axon ended with ${code}: ${errors.slice(-1_000)}`)))
  })
  return {
    port,
    stop: () => {
      child.kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
