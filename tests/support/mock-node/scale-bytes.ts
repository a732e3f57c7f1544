export function compact(value: number | bigint): Buffer {
  const big = BigInt(value)
  if (big < 64n) return Buffer.from([Number(big) << 2])
  if (big < 16_384n) return littleEndian((big << 2n) | 1n, 2)
  if (big < 1_073_741_824n) return littleEndian((big << 2n) | 2n, 4)
  const byteCount = Math.max(4, Math.ceil(big.toString(16).length / 2))
  return Buffer.concat([Buffer.from([((byteCount - 4) << 2) | 3]), littleEndian(big, byteCount)])
}

export function littleEndian(value: number | bigint, byteCount: number): Buffer {
  let rest = BigInt(value)
  return Buffer.from(
    Array.from({ length: byteCount }, () => {
      const byte = Number(rest & 0xffn)
      rest >>= 8n
      return byte
    }),
  )
}
