import { readdirSync, writeFileSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { Worker } from 'node:worker_threads'

/**
 * For a program that runs beside a miner and was started by it: it gets the processor last, is the first to go when
 * memory is short, and is gone when the miner is. Called before it does anything else.
 */
export function behaveAsChildOf(minerPid: number): void {
  lowerPriority()
  beKilledFirst()
  endWith(minerPid)
}

/**
 * The answers to validators come first. Linux counts threads, and a later thread is as the one that made it: this one goes
 * first, and then, twice, those that were made before or meanwhile.
 */
function lowerPriority(): void {
  setPriority(constants.priority.PRIORITY_LOW)
  for (let pass = 0; pass < 2; pass += 1) {
    for (const thread of listThreads()) {
      try {
        setPriority(thread, constants.priority.PRIORITY_LOW)
      } catch {
        // It has just ended.
      }
    }
  }
}

function listThreads(): number[] {
  try {
    return readdirSync('/proc/self/task').map(Number)
  } catch {
    // Not Linux.
    return []
  }
}

function beKilledFirst(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '500')
  } catch {
    // Only Linux has it.
  }
}

/**
 * A thread looks for the miner, since the main one may compute for minutes. Killed without ceremony: what a command
 * leaves behind is whole at any moment, and the next miner runs it again.
 */
const watch = `
  const { workerData } = require('node:worker_threads')
  const look = () => process.ppid !== workerData && process.kill(process.pid, 'SIGKILL')
  look()
  setInterval(look, 250)`

function endWith(minerPid: number): void {
  new Worker(watch, { eval: true, execArgv: [], workerData: minerPid }).unref()
}
