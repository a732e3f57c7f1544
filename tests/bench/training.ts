/** One step of training at the sizes of the measured table, beside PyTorch where VOLCAST_TORCH names a Python that has it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type BenchOptions, type BenchResult, rounded } from '#tests/support/bench'
import { benchNames } from '#tests/support/models/bench-recipes'
import { quantile } from '#tests/support/spread'

export const description = 'training: one step of each configuration on one thread, and of the same model in PyTorch'

const rounds = 10
const warmUp = 10
const root = join(import.meta.dirname, '..', '..')
const child = fileURLToPath(new URL('./training/step-child.ts', import.meta.url))
const torchScript = join(import.meta.dirname, 'peer', 'torch_training.py')

interface Reply {
  readonly durations: readonly number[]
  readonly rssMb: number
  readonly parameters: number
}

/** A process that takes steps when it is asked to. */
class Stepper {
  readonly durations: number[] = []
  last: Reply | undefined
  readonly #child: ChildProcess
  readonly #lines: AsyncIterator<string>

  constructor(command: string, args: readonly string[]) {
    this.#child = spawn(command, args, { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] })
    const lines: Interface = createInterface({ input: this.#child.stdout! })
    this.#lines = lines[Symbol.asyncIterator]()
  }

  async steps(count: number, isTimed: boolean): Promise<void> {
    this.#child.stdin!.write(`${count}\n`)
    const { value, done } = await this.#lines.next()
    if (done === true) throw new Error('a process of the bench ended')
    this.last = JSON.parse(value as string) as Reply
    if (isTimed) this.durations.push(...this.last.durations)
  }

  close(): void {
    this.#child.kill('SIGKILL')
  }
}

export async function run({ runs }: BenchOptions): Promise<BenchResult> {
  const python = process.env['VOLCAST_TORCH'] || undefined
  const configs: Record<string, BenchResult> = {}
  for (const name of benchNames) {
    const ours = new Stepper(process.execPath, ['--import', 'tsx', child, name])
    const theirs = python === undefined ? undefined : new Stepper(python, [torchScript, name])
    try {
      for (const stepper of [ours, theirs]) await stepper?.steps(warmUp, false)
      // In turns, so that what else the machine does falls on both.
      const each = Math.max(1, Math.round(runs / rounds))
      for (let round = 0; round < rounds; round += 1) {
        for (const stepper of [ours, theirs]) await stepper?.steps(each, true)
      }
      const { rssMb, parameters } = ours.last!
      checkSameModel(name, parameters, theirs?.last?.parameters)
      configs[name] = {
        ...{ parameters, ...timesOf('', ours.durations), rss_mb: rounded(rssMb, 0) },
        ...(theirs === undefined ? { torch_step_ms: null } : timesOf('torch_', theirs.durations)),
        ratio: theirs === undefined ? null : rounded(quantile(ours.durations, 0.5) / quantile(theirs.durations, 0.5)),
      }
    } finally {
      for (const stepper of [ours, theirs]) stepper?.close()
    }
  }
  return { runs, configs }
}

function timesOf(prefix: string, durations: readonly number[]): BenchResult {
  const at = (share: number) => rounded(quantile(durations, share), 2)
  return { [`${prefix}step_ms`]: at(0.5), [`${prefix}step_p10_ms`]: at(0.1), [`${prefix}step_p90_ms`]: at(0.9) }
}

/** Layers of the same name may differ in a bias. */
function checkSameModel(name: string, ours: number, theirs: number | undefined): void {
  if (theirs === undefined || Math.abs(ours / theirs - 1) < 0.01) return
  throw new Error(`${name} has ${ours} weights here and ${theirs} in PyTorch: these are different models`)
}
