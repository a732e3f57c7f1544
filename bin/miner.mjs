#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8'
import { ensureFreshBuild } from './fresh-build.mjs'
import { followEcosystem } from './under-pm2.mjs'

// The space for young objects grows to 32 MB when left alone, and the miner makes few: megabytes that a small machine
// misses. It has to be said before there is anything in it.
setFlagsFromString('--semi-space-growth-factor=1')
await followEcosystem()
const command = process.argv[2]
ensureFreshBuild({ mayReplace: command === undefined || command === 'start' || command.startsWith('--') })
await import('../dist/daemon/main.js')
