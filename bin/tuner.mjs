#!/usr/bin/env node
import { ensureFreshBuild } from './fresh-build.mjs'

ensureFreshBuild({ mayBuild: false })
await import('../dist/tuner/main.js')
