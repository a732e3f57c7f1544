// Loaded before a program (node --import), and so into each of its threads: one error that nobody expects. PLANTED_IN is the
// end of the file name of a thread, which throws a little after it began; or file#Class#method of the compiled program,
// whose next call after SIGUSR2 throws. With #thread behind it, the tenth call in a thread leaves an error behind that no
// caller can catch. The file PLANTED_ONCE is made first: only whoever makes it throws.
import { openSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

const [file, className, method, place] = (process.env['PLANTED_IN'] ?? '').split('#')

function throwOnce() {
  try {
    openSync(process.env['PLANTED_ONCE'], 'wx')
  } catch {
    return
  }
  throw new Error('planted by the test')
}

if (className === undefined) {
  if (!isMainThread && file !== '' && (process.argv[1] ?? '').includes(file)) setTimeout(throwOnce, 2_000)
} else if (place === 'thread') {
  if (!isMainThread) await plantInThread()
} else if (isMainThread) {
  const { [className]: Class } = await import(new URL(`../../../dist/${file}`, import.meta.url).href)
  const original = Class.prototype[method]
  let isArmed = false
  process.on('SIGUSR2', () => {
    isArmed = true
  })
  Class.prototype[method] = function (...args) {
    if (isArmed) throwOnce()
    return original.apply(this, args)
  }
}

async function plantInThread() {
  const { [className]: Class } = await import(new URL(`../../../dist/${file}`, import.meta.url).href)
  const original = Class.prototype[method]
  let calls = 0
  Class.prototype[method] = function (...args) {
    calls += 1
    if (calls === 10) queueMicrotask(throwOnce)
    return original.apply(this, args)
  }
}
