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

/** The answers to validators come first. Linux counts threads; a later thread is as the one that made it. */
function lowerPriority(): void {
  try {
    for (const thread of readdirSync('/proc/self/task')) setPriority(Number(thread), constants.priority.PRIORITY_LOW)
  } catch {
    // Not Linux, or a thread that has just ended.
    setPriority(constants.priority.PRIORITY_LOW)
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
