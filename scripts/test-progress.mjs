// A line for each test file when it ends, with how many are left. Vitest loads this by its path.

export default class TestProgress {
  #total = 0
  #ended = 0
  #startedAtMs = 0

  onTestRunStart(specifications) {
    this.#total = specifications.length
    this.#startedAtMs = performance.now()
    console.log(`${this.#total} test files`)
  }

  onTestModuleEnd(module) {
    this.#ended += 1
    const tests = [...module.children.allTests()]
    const skipped = tests.filter((test) => test.result().state === 'skipped').length
    const counts = skipped === 0 ? `${tests.length} tests` : `${tests.length} tests, ${skipped} skipped`
    const seconds = (module.diagnostic().duration / 1000).toFixed(1)
    const place = `[${String(this.#ended).padStart(String(this.#total).length)}/${this.#total}] ${clockText(performance.now() - this.#startedAtMs)}`
    console.log(`${place}  ${module.ok() ? '' : 'FAILED '}${module.relativeModuleId} (${counts}, ${seconds} s)`)
  }
}

function clockText(ms) {
  const seconds = Math.floor(ms / 1000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
