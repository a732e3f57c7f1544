// Loaded before a program (node --import): something of its main thread never ends by itself.
import { isMainThread } from 'node:worker_threads'

if (isMainThread) setInterval(() => {}, 1_000)
