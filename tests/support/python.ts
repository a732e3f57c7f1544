import { spawn, spawnSync } from 'node:child_process'

/** The interpreter that VOLCAST_PYTHON names, if it has the Bittensor SDK. */
export function pythonWithSdk(): string | undefined {
  return pythonThatImports('bittensor, httpx, h2')
}

/** The same one, if it has the package that writes ONNX files. */
export function pythonWithOnnx(): string | undefined {
  return pythonThatImports('onnx, numpy')
}

/** The same one, if it has what the features are held against. */
export function pythonWithPandas(): string | undefined {
  return pythonThatImports('pandas, scipy, pywt')
}

function pythonThatImports(modules: string): string | undefined {
  const python = process.env['VOLCAST_PYTHON']
  if (python === undefined || python === '') return undefined
  const found = spawnSync(python, ['-c', `import ${modules}`], { env: sdkEnvironment() })
  return found.status === 0 ? python : undefined
}

/** Runs a script with the task on its standard input and gives what it prints last, read as JSON. */
export function runPython(python: string, script: string, task: unknown, timeoutMs: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const child = spawn(python, [script], { env: sdkEnvironment(), stdio: ['pipe', 'pipe', 'pipe'] })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString()
    })
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString()
    })
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
    child.on('error', reject)
    child.on('close', (status) => {
      clearTimeout(timer)
      const last = stdout.trimEnd().split('\n').at(-1) ?? ''
      if (status === 0) resolve(JSON.parse(last))
      else reject(new Error(`the script ended with ${status}: ${stderr.slice(-2_000)}`))
    })
    child.stdin.end(JSON.stringify(task))
  })
}

/** Otherwise the SDK makes folders in the home of the person who runs the tests, and reads our command line. */
export function sdkEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, READ_ONLY: '1', BT_NO_PARSE_CLI_ARGS: '1' }
}
