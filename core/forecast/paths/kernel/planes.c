// Stored prices back to numbers, ../../journal/price-planes.ts sixteen at a time.
#include "kernel.h"

// Whole numbers of one path from their changes: each lane has the sum up to itself, the last one is carried on.
INLINE v128_t sumUp(v128_t folded, v128_t carry) {
  const v128_t zero = wasm_i32x4_splat(0);
  const v128_t sign = wasm_i32x4_sub(zero, wasm_v128_and(folded, wasm_i32x4_splat(1)));
  v128_t sum = wasm_v128_xor(wasm_u32x4_shr(folded, 1), sign);
  sum = wasm_i32x4_add(sum, wasm_i32x4_shuffle(zero, sum, 3, 4, 5, 6));
  sum = wasm_i32x4_add(sum, wasm_i32x4_shuffle(zero, sum, 2, 3, 4, 5));
  return wasm_i32x4_add(sum, carry);
}

INLINE void storePrices(double *out, v128_t whole, f64x2 power) {
  store(out, wasm_f64x2_div(wasm_f64x2_convert_low_i32x4(whole), power));
  const v128_t upper = wasm_i64x2_shuffle(whole, whole, 1, 1);
  store(out + 2, wasm_f64x2_div(wasm_f64x2_convert_low_i32x4(upper), power));
}

// Behind each plane and behind `out` there are fifteen more: what a path writes there belongs to the next one.
EXPORT void joinPlanes(double *out, const u8 *lowest, const u8 *second, const u8 *third, const u8 *fourth, u32 pathCount,
                       u32 pointCount, double power) {
  const f64x2 divisor = splat(power);
  i32 firstOfPath = 0;
  for (u32 path = 0; path < pathCount; path += 1) {
    v128_t carry = wasm_i32x4_splat(firstOfPath);
    const u32 from = path * pointCount;
    for (u32 k = 0; k < pointCount; k += 16) {
      const u32 i = from + k;
      const v128_t a = wasm_v128_load(lowest + i), b = wasm_v128_load(second + i);
      const v128_t c = wasm_v128_load(third + i), d = wasm_v128_load(fourth + i);
      const v128_t lowLeft = wasm_i8x16_shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      const v128_t lowRight = wasm_i8x16_shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
      const v128_t highLeft = wasm_i8x16_shuffle(c, d, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      const v128_t highRight = wasm_i8x16_shuffle(c, d, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
      const v128_t folded[4] = {
          wasm_i16x8_shuffle(lowLeft, highLeft, 0, 8, 1, 9, 2, 10, 3, 11),
          wasm_i16x8_shuffle(lowLeft, highLeft, 4, 12, 5, 13, 6, 14, 7, 15),
          wasm_i16x8_shuffle(lowRight, highRight, 0, 8, 1, 9, 2, 10, 3, 11),
          wasm_i16x8_shuffle(lowRight, highRight, 4, 12, 5, 13, 6, 14, 7, 15),
      };
      for (int j = 0; j < 4; j += 1) {
        const v128_t whole = sumUp(folded[j], carry);
        if (k == 0 && j == 0) firstOfPath = wasm_i32x4_extract_lane(whole, 0);
        carry = wasm_i32x4_shuffle(whole, whole, 3, 3, 3, 3);
        storePrices(out + i + 4 * j, whole, divisor);
      }
    }
  }
}
