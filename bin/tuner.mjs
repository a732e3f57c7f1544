#!/usr/bin/env node
import { ensureFreshBuild } from './fresh-build.mjs'

ensureFreshBuild({ mayReplace: false })
await import('../dist/tuner/main.js')
