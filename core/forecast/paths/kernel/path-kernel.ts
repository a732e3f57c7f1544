/**
 * The compiled kernel behind plain calls. Each worker has its own instance. It returns views into its memory, which
 * grows to the largest job seen and gets a new layout at each `reserve`.
 */
import { deflateCapacity, makeTextCode } from '../deflate-text.ts'
import type { DrawKey, MatrixShape, PathMath } from '../path-math.ts'
import type { FourWords } from '../threefry.ts'
import { checkCapacity, type PriceText, priceTextCapacity, type WriteResult, writeHead } from '../write-prices.ts'
import { kernelWasmBase64 } from './path-kernel.generated.ts'

interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number }
  heapBase(): number
  drawQuantiles(
    out: number,
    table: number,
    seed0: number,
    seed1: number,
    seed2: number,
    seed3: number,
    stream: number,
    step: number,
    count: number,
  ): void
  shuffleStrata(
    out: number,
    strata: number,
    bits: number,
    first: number,
    second: number,
    third: number,
    fourth: number,
    count: number,
  ): void
  decay(state: number, keep: number, gain: number, draws: number, count: number): void
  addScaled(out: number, scale: number, values: number, count: number): void
  multiply(out: number, scale: number, values: number, count: number): void
  multiplyExponentials(out: number, scale: number, logs: number, count: number): void
  halfLogs(out: number, scale: number, values: number, count: number): void
  sum(values: number, count: number): number
  addHistogram(
    histogram: number,
    binCount: number,
    values: number,
    binsPerUnit: number,
    zeroBin: number,
    weight: number,
    count: number,
  ): void
  rankScratchBytes(count: number): number
  matchRanks(out: number, sums: number, targets: number, scale: number, scratch: number, count: number): void
  compound(
    prices: number,
    returns: number,
    shifts: number,
    pathCount: number,
    stepCount: number,
    columnStride: number,
    startPrice: number,
  ): void
  writeRows(out: number, prices: number, pathCount: number, pointCount: number): number
  refusedIndex(): number
  areRowsRight(
    rows: number,
    length: number,
    pathCount: number,
    pointCount: number,
    start: number,
    startLength: number,
  ): number
  joinPlanes(
    out: number,
    lowest: number,
    second: number,
    third: number,
    fourth: number,
    pathCount: number,
    pointCount: number,
    power: number,
  ): void
  deflateText(out: number, text: number, length: number, codes: number, held: number, heldBits: number): number
}

/** The used part of the global; neither the language's nor Node's type library declares it. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: unknown }
}

const pageBytes = 65_536
const lineBytes = 64
/** Paths are numbered in 16 bits while they are ranked. */
const mostRanked = 65_535

export class PathKernel implements PathMath {
  readonly #exports: KernelExports
  /** Scratch memory of `matchRanks`, before the pieces that `reserve` returns. */
  #scratchAt: number
  #workspaceAt: number
  #workspaceBytes = 0

  constructor() {
    const bytes = Uint8Array.from(atob(kernelWasmBase64), (letter) => letter.charCodeAt(0))
    this.#exports = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as KernelExports
    this.#scratchAt = wholeLines(this.#exports.heapBase())
    this.#workspaceAt = this.#scratchAt + wholeLines(this.#exports.rankScratchBytes(mostRanked))
  }

  get memoryBytes(): number {
    return this.#exports.memory.buffer.byteLength
  }

  reserve(length: number): Float64Array {
    this.#workspaceBytes = wholeLines(8 * length)
    // As much again for the text of the paths: growing later would invalidate views in use. Pages that are never
    // written cost nothing.
    this.#growTo(this.#workspaceAt + 2 * this.#workspaceBytes + pageBytes)
    return new Float64Array(this.#exports.memory.buffer, this.#workspaceAt, length)
  }

  drawQuantiles(out: Float64Array, table: Float64Array, { seed, stream, step }: DrawKey): void {
    const [seed0, seed1, seed2, seed3] = seed
    const { byteOffset, length } = out
    this.#exports.drawQuantiles(byteOffset, table.byteOffset, seed0, seed1, seed2, seed3, stream, step, length)
  }

  shuffleStrata(out: Float64Array, strata: Float64Array, [first, second, third, fourth]: FourWords): void {
    const bits = Math.log2(strata.length)
    this.#exports.shuffleStrata(out.byteOffset, strata.byteOffset, bits, first, second, third, fourth, out.length)
  }

  decay(state: Float64Array, keep: number, gain: number, draws: Float64Array): void {
    this.#exports.decay(state.byteOffset, keep, gain, draws.byteOffset, state.length)
  }

  addScaled(out: Float64Array, scale: number, values: Float64Array): void {
    this.#exports.addScaled(out.byteOffset, scale, values.byteOffset, out.length)
  }

  multiply(out: Float64Array, scale: number, values: Float64Array): void {
    this.#exports.multiply(out.byteOffset, scale, values.byteOffset, out.length)
  }

  multiplyExponentials(out: Float64Array, scale: number, logs: Float64Array): void {
    this.#exports.multiplyExponentials(out.byteOffset, scale, logs.byteOffset, out.length)
  }

  halfLogs(out: Float64Array, scale: number, values: Float64Array): void {
    this.#exports.halfLogs(out.byteOffset, scale, values.byteOffset, out.length)
  }

  sum(values: Float64Array): number {
    return this.#exports.sum(values.byteOffset, values.length)
  }

  addHistogram(
    histogram: Float64Array,
    values: Float64Array,
    binsPerUnit: number,
    zeroBin: number,
    weight: number,
  ): void {
    const { byteOffset, length } = histogram
    this.#exports.addHistogram(byteOffset, length, values.byteOffset, binsPerUnit, zeroBin, weight, values.length)
  }

  matchRanks(out: Float64Array, sums: Float64Array, targets: Float64Array, scale: number): void {
    if (sums.length > mostRanked) throw new RangeError(`${sums.length} paths, but at most ${mostRanked} can be ranked.`)
    const { byteOffset, length } = out
    this.#exports.matchRanks(byteOffset, sums.byteOffset, targets.byteOffset, scale, this.#scratchAt, length)
  }

  compound(
    prices: Float64Array,
    returns: Float64Array,
    shifts: Float64Array,
    { pathCount, stepCount, columnStride }: MatrixShape,
    startPrice: number,
  ): void {
    const from = returns.byteOffset
    const to = prices.byteOffset
    this.#exports.compound(to, from, shifts.byteOffset, pathCount, stepCount, columnStride, startPrice)
  }

  /** `writePrices` of ../write-prices.ts. Prices of the last sampling are read where they are. */
  writePrices(target: Uint8Array, offset: number, text: PriceText): WriteResult {
    const { pathCount, pointCount, values } = text
    checkCapacity(target, offset, text)
    const { memory } = this.#exports
    const isHere = values.buffer === memory.buffer
    const pricesAt = isHere ? values.byteOffset : this.#workspaceAt
    const textAt = this.#workspaceAt + Math.max(isHere ? this.#workspaceBytes : 0, wholeLines(8 * values.length))
    this.#growTo(textAt + priceTextCapacity(text))
    if (!isHere) new Float64Array(memory.buffer, pricesAt, values.length).set(values)
    const textEnd = this.#exports.writeRows(textAt, pricesAt, pathCount, pointCount)
    if (textEnd === 0) {
      const index = this.#exports.refusedIndex()
      const price = new Float64Array(memory.buffer, pricesAt, values.length)[index]!
      return { ok: false, reason: 'price', path: Math.floor(index / pointCount), point: index % pointCount, price }
    }
    const at = writeHead(target, offset, text)
    const rows = new Uint8Array(memory.buffer, textAt, textEnd - textAt)
    target.set(rows, at)
    target[at + rows.length] = 0x5d // ]
    return { ok: true, end: at + rows.length + 1 }
  }

  /**
   * Whether `[,[p,p...],[...]]` is right: the number of paths and points, each a plain decimal above zero of at most
   * eight digits, each path from `start`. It overwrites what `reserve` returned.
   */
  areRowsRight(rows: Uint8Array, shape: { pathCount: number; pointCount: number }, start: string): boolean {
    const { memory } = this.#exports
    const rowsAt = this.#workspaceAt
    const startAt = rowsAt + wholeLines(rows.length + lineBytes)
    this.#growTo(startAt + wholeLines(start.length))
    const copy = new Uint8Array(memory.buffer, rowsAt, rows.length + lineBytes)
    copy.set(rows)
    // The reader stops at the first character that is not part of a number; after the end there must be one.
    copy.fill(0, rows.length)
    const letters = new Uint8Array(memory.buffer, startAt, start.length)
    for (let i = 0; i < start.length; i += 1) letters[i] = start.charCodeAt(i)
    const { pathCount, pointCount } = shape
    return this.#exports.areRowsRight(rowsAt, rows.length, pathCount, pointCount, startAt, start.length) === 1
  }

  /**
   * `deflateText` of ../deflate-text.ts, as separate bytes with room around them. It overwrites what `reserve`
   * returned.
   */
  deflateText(text: Uint8Array, room = { front: 0, back: 0 }): Uint8Array<ArrayBuffer> {
    const { head, headBits, codes } = makeTextCode(text)
    const { memory } = this.#exports
    const codesAt = this.#workspaceAt
    const textAt = codesAt + wholeLines(codes.byteLength)
    const outAt = textAt + wholeLines(text.length)
    this.#growTo(outAt + deflateCapacity(text.length))
    new Uint32Array(memory.buffer, codesAt, codes.length).set(codes)
    new Uint8Array(memory.buffer, textAt, text.length).set(text)
    const headBytes = headBits >> 3
    new Uint8Array(memory.buffer, outAt, headBytes).set(head.subarray(0, headBytes))
    const held = head[headBytes]!
    const end = this.#exports.deflateText(outAt + headBytes, textAt, text.length, codesAt, held, headBits & 7)
    const piece = new Uint8Array(new ArrayBuffer(room.front + end - outAt + room.back), room.front, end - outAt)
    piece.set(new Uint8Array(memory.buffer, outAt, end - outAt))
    return piece
  }

  /**
   * Prices path after path, from whole numbers of `1 / power` stored as folded changes, lowest byte first
   * (`fromPlanes` of ../../journal/price-planes.ts). The result is a view that the next call overwrites, and it
   * overwrites what `reserve` returned.
   */
  joinPlanes(planes: readonly Uint8Array[], pathCount: number, pointCount: number, power: number): Float64Array {
    const count = pathCount * pointCount
    const planeBytes = wholeLines(count + lineBytes)
    const { memory } = this.#exports
    const outAt = this.#workspaceAt + 4 * planeBytes
    this.#growTo(outAt + 8 * count + 2 * lineBytes)
    const starts = [0, 1, 2, 3].map((plane) => {
      const at = this.#workspaceAt + plane * planeBytes
      const bytes = planes[plane]
      const target = new Uint8Array(memory.buffer, at, count)
      if (bytes === undefined) target.fill(0)
      else target.set(bytes)
      return at
    }) as [number, number, number, number]
    this.#exports.joinPlanes(outAt, ...starts, pathCount, pointCount, power)
    return new Float64Array(memory.buffer, outAt, count)
  }

  #growTo(bytes: number): void {
    const { memory } = this.#exports
    const missing = bytes - memory.buffer.byteLength
    if (missing > 0) memory.grow(Math.ceil(missing / pageBytes))
  }
}

function wholeLines(bytes: number): number {
  return Math.ceil(bytes / lineBytes) * lineBytes
}
