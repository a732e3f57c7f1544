import type { FileFormat } from './inference-runtime.ts'

/**
 * The head of an ONNX file: ModelProto's ir_version (1), producer_name (2), producer_version (3) and opset_import (8),
 * each {domain (1), version (2)}. The runtime does not report these. Undefined when the bytes are not such a message,
 * for example in a cut file: a field would extend beyond the end.
 */
export function readFileFormat(bytes: Uint8Array): FileFormat | undefined {
  const fields = readFields(bytes)
  if (fields === undefined) return undefined
  let ir = 0
  let opset = 0
  const domains: string[] = []
  let producer = ''
  for (const { number, value } of fields) {
    if (number === 1 && typeof value === 'number') ir = value
    else if (number === 2 && typeof value !== 'number') producer = textOf(value)
    else if (number === 3 && typeof value !== 'number') producer = `${producer} ${textOf(value)}`.trim()
    else if (number === 8 && typeof value !== 'number') {
      const set = readFields(value)
      if (set === undefined) return undefined
      const domain = set.find((field) => field.number === 1)?.value
      const version = set.find((field) => field.number === 2)?.value
      const name = domain === undefined || typeof domain === 'number' ? '' : textOf(domain)
      if (name === '' || name === 'ai.onnx') opset = typeof version === 'number' ? version : 0
      else domains.push(name)
    }
  }
  return ir === 0 ? undefined : { ir, opset, domains, producer: producer.slice(0, 100) }
}

interface Field {
  readonly number: number
  readonly value: number | Uint8Array
}

/** The top level of a protobuf message; deeper levels stay bytes. */
function readFields(bytes: Uint8Array): Field[] | undefined {
  const fields: Field[] = []
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let i = 0; i < 10; i += 1) {
      const byte = bytes[at]
      if (byte === undefined) return Number.NaN
      at += 1
      value += (byte & 127) * 2 ** (7 * i)
      if (byte < 128) return value
    }
    return Number.NaN
  }
  while (at < bytes.length) {
    const key = varint()
    const number = Math.floor(key / 8)
    let value: number | Uint8Array
    switch (key % 8) {
      case 0:
        value = varint()
        if (Number.isNaN(value)) return undefined
        break
      case 1:
        value = bytes.subarray(at, at + 8)
        at += 8
        break
      case 2: {
        const length = varint()
        if (!(length <= bytes.length - at)) return undefined
        value = bytes.subarray(at, at + length)
        at += length
        break
      }
      case 5:
        value = bytes.subarray(at, at + 4)
        at += 4
        break
      default:
        return undefined
    }
    if (number === 0 || at > bytes.length) return undefined
    fields.push({ number, value })
  }
  return fields
}

/** Names in these fields are ASCII; anything else must not reach a terminal. */
function textOf(bytes: Uint8Array): string {
  return Array.from(bytes.subarray(0, 200), (byte) =>
    byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '?',
  ).join('')
}
