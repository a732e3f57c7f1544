/** The axon under load, in a process of its own: told its validators by the parent, it reports port and memory. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { systemClock } from '#adapters/clock/system-clock'
import { logToTerminal } from '#adapters/log/pino-logger'
import { createHotkeyCodec } from '#adapters/sr25519/hotkey-codec'
import { schnorrkelVerifier } from '#adapters/sr25519/schnorrkel-verifier'
import { defaultAxonConfig } from '#daemon/axon/config'
import { AxonCounters } from '#daemon/axon/metrics'
import { startAxons } from '#daemon/axon/start-axons'
import { defaultSynthConfig } from '#daemon/subnets/synth/config'
import { createSynthModule } from '#daemon/subnets/synth/synth-module'
import { FakeMetagraph } from '#tests/support/fake-metagraph'
import { startForecasts } from '#tests/support/forecasting'
import { openRealNonces } from '#tests/support/real-nonces'

export interface ServerTask {
  readonly miner: string
  readonly validators: readonly string[]
}

export interface ServerReport {
  readonly rssMb: number
  readonly peakRssMb: number
  readonly loopDelayP99Ms: number
  readonly refused: Readonly<Record<string, number>>
}

async function serve(task: ServerTask): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'volcast-bench-'))
  const { nonces, stack } = await openRealNonces(join(folder, 'bench.sqlite'))
  const metagraph = new FakeMetagraph()
  metagraph.registerOwn(task.miner)
  for (const hotkey of task.validators) metagraph.add(hotkey, { axonIp: '127.0.0.1' })
  // Lines go to standard error, which the parent throws away: writing them is part of the work.
  const log = logToTerminal({ level: 'info', program: 'bench' })
  const forecasts = await startForecasts()
  const metrics = new AxonCounters()
  const running = await startAxons(
    {
      clock: systemClock,
      log,
      metrics,
      metagraph,
      verifier: schnorrkelVerifier,
      codec: createHotkeyCodec(),
      nonces,
      doubt: () => undefined,
      modules: [
        createSynthModule(
          { clock: systemClock, log, texts: forecasts.texts },
          { ...defaultSynthConfig(), netuid: 50, assets: forecasts.assets },
        ),
      ],
    },
    [{ address: task.miner, port: 0 }],
    { ...defaultAxonConfig(), axon: { ...defaultAxonConfig().axon, host: '127.0.0.1' } },
  )
  let peakRss = 0
  const sample = setInterval(() => {
    peakRss = Math.max(peakRss, process.memoryUsage.rss())
  }, 20)
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  const stop = async () => {
    clearInterval(sample)
    await running.stop()
    await forecasts.stop()
    await stack.stop()
    rmSync(folder, { recursive: true, force: true })
    process.disconnect()
  }
  process.on('message', (message) => {
    if (message !== 'report') {
      void stop()
      return
    }
    process.send?.({
      rssMb: process.memoryUsage.rss() / 1e6,
      peakRssMb: peakRss / 1e6,
      loopDelayP99Ms: delay.percentile(99) / 1e6,
      refused: Object.fromEntries(metrics.refusals),
    } satisfies ServerReport)
    delay.reset()
  })
  process.send?.({ port: running.axons[0]!.port })
}

process.once('message', (task) => void serve(task as ServerTask))
