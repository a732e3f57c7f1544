#!/usr/bin/env node
import '../dist/tuner/main.js'
