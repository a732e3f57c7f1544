/**
 * The compiled kernel behind plain calls. Each worker has its own instance. It is not re-entrant, and the views that it
 * returns are overwritten by the next call. Its memory grows to the largest job seen and is reused.
 */
import type { StorageRounding } from '../../regimes/regime.ts'
import type { PathMatrix } from '../crps.ts'
import { kernelWasmBase64 } from './crps-kernel.generated.ts'

interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer }
  prepare(pathCount: number, pointCount: number, extraColumns: number, termCount: number, stagingRows: number): number
  loadRows(firstPath: number, rowCount: number, isSingle: number): number
  appendVolatilities(sizeCount: number): void
  scoreTerms(termCount: number, isMeasured: number): void
  sortPair(firstColumn: number, secondColumn: number): void
  stagingAt(): number
  fromAt(): number
  toAt(): number
  observedAt(): number
  crpsAt(): number
  measuresAt(): number
  laneAt(lane: number): number
}

/** The used part of the global; neither the language's nor Node's type library declares it. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: unknown }
}

export interface KernelTerms {
  /** Column of the first point; negative when the price itself is compared. */
  readonly from: ArrayLike<number>
  readonly to: ArrayLike<number>
  readonly observed: ArrayLike<number>
}

/** Rows are copied in pieces that stay in the second-level cache. */
const stagingBytes = 128 * 1024
const rowTile = 8
/** Beyond this the kernel's address space (4 GiB) could be exhausted. */
const largestJobBytes = 2 ** 31

export class CrpsKernel {
  readonly #exports: KernelExports
  readonly #largestJobBytes: number
  #pathCount = 0

  constructor(options: { readonly largestJobBytes?: number } = {}) {
    this.#largestJobBytes = options.largestJobBytes ?? largestJobBytes
    const bytes = Uint8Array.from(atob(kernelWasmBase64), (letter) => letter.charCodeAt(0))
    this.#exports = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as KernelExports
  }

  get memoryBytes(): number {
    return this.#exports.memory.buffer.byteLength
  }

  /** Loads the paths, after storage with that rounding. `tooLarge` leaves the job to the reference. */
  load(
    paths: PathMatrix,
    termCapacity: number,
    extraColumns: number,
    rounding: StorageRounding = 'float64',
  ): 'loaded' | 'zeroPrice' | 'tooLarge' {
    const { pathCount, pointCount, values } = paths
    const rows = rowTile * Math.max(1, Math.floor(stagingBytes / (8 * rowTile * Math.max(1, pointCount))))
    const bytes = 8 * (pathCount + 2 * rowTile) * (pointCount + extraColumns + 8) + 60 * termCapacity
    if (bytes + 8 * rows * pointCount > this.#largestJobBytes) return 'tooLarge'
    if (this.#exports.prepare(pathCount, pointCount, extraColumns, termCapacity, rows) === 0) return 'tooLarge'
    this.#pathCount = pathCount
    const staging = this.#doubles(this.#exports.stagingAt(), rows * pointCount)
    let hasZero = 0
    for (let first = 0; first < pathCount; first += rows) {
      const end = Math.min(first + rows, pathCount)
      staging.set(values.subarray(first * pointCount, end * pointCount))
      hasZero |= this.#exports.loadRows(first, end - first, rounding === 'float32' ? 1 : 0)
    }
    return hasZero === 0 ? 'loaded' : 'zeroPrice'
  }

  /**
   * Adds, size by size, one column of standard deviations for each whole block of that many changes. The first new
   * column has the number `pointCount`.
   */
  appendVolatilities(blockSizes: readonly number[]): void {
    new Int32Array(this.#exports.memory.buffer, this.#exports.fromAt(), blockSizes.length).set(blockSizes)
    this.#exports.appendVolatilities(blockSizes.length)
  }

  /** CRPS of each term; a view into the kernel's memory. */
  scoreTerms(terms: KernelTerms): Float64Array {
    const count = this.#takeTerms(terms)
    this.#exports.scoreTerms(count, 0)
    return this.#doubles(this.#exports.crpsAt(), count)
  }

  /**
   * `scoreTerms`, and for each term three numbers: how many members are not above the observed value, the members' mean,
   * their variance. NaN if a member is not a finite number.
   */
  measureTerms(terms: KernelTerms): { readonly crps: Float64Array; readonly measures: Float64Array } {
    const count = this.#takeTerms(terms)
    this.#exports.scoreTerms(count, 1)
    return {
      crps: this.#doubles(this.#exports.crpsAt(), count),
      measures: this.#doubles(this.#exports.measuresAt(), 3 * count),
    }
  }

  /**
   * Two loaded columns of finite prices, sorted together; views into the kernel's memory.
   */
  sortPair(firstColumn: number, secondColumn: number): readonly [first: Float64Array, second: Float64Array] {
    this.#exports.sortPair(firstColumn, secondColumn)
    return [
      this.#doubles(this.#exports.laneAt(0), this.#pathCount),
      this.#doubles(this.#exports.laneAt(1), this.#pathCount),
    ]
  }

  #takeTerms({ from, to, observed }: KernelTerms): number {
    const count = observed.length
    const { buffer } = this.#exports.memory
    new Int32Array(buffer, this.#exports.fromAt(), count).set(from)
    new Int32Array(buffer, this.#exports.toAt(), count).set(to)
    this.#doubles(this.#exports.observedAt(), count).set(observed)
    return count
  }

  #doubles(at: number, length: number): Float64Array {
    return new Float64Array(this.#exports.memory.buffer, at, length)
  }
}
