// Threefry-4x32-20 on four counters side by side, and its words through a quantile table.
#include "kernel.h"

#define PARITY 0x1bd11bdau
#define LOWEST_EXPONENT (-1)
#define SEGMENT_BITS 3

INLINE v128_t rotate(v128_t x, int bits) {
  return wasm_v128_or(wasm_i32x4_shl(x, bits), wasm_u32x4_shr(x, 32 - bits));
}

#define MIX(a, b, bits)                                                                                                \
  a = wasm_i32x4_add(a, b);                                                                                            \
  b = wasm_v128_xor(rotate(b, bits), a);

#define EVEN_ROUND(first, second) MIX(x0, x1, first) MIX(x2, x3, second)
#define ODD_ROUND(first, second) MIX(x0, x3, first) MIX(x2, x1, second)

#define INJECT(number)                                                                                                 \
  x0 = wasm_i32x4_add(x0, wasm_i32x4_splat((i32)keys[(number) % 5]));                                                  \
  x1 = wasm_i32x4_add(x1, wasm_i32x4_splat((i32)keys[((number) + 1) % 5]));                                            \
  x2 = wasm_i32x4_add(x2, wasm_i32x4_splat((i32)keys[((number) + 2) % 5]));                                            \
  x3 = wasm_i32x4_add(x3, wasm_i32x4_splat((i32)(keys[((number) + 3) % 5] + (number))));

#define FOUR_ROUNDS_A EVEN_ROUND(10, 26) ODD_ROUND(11, 21) EVEN_ROUND(13, 27) ODD_ROUND(23, 5)
#define FOUR_ROUNDS_B EVEN_ROUND(6, 20) ODD_ROUND(17, 11) EVEN_ROUND(25, 10) ODD_ROUND(18, 20)

// Two words of a vector through the table: the top bits of the tail probability choose a cubic of its mantissa.
INLINE f64x2 quantilePair(const double *table, v128_t tails, v128_t isUpper) {
  const v128_t bits = add(wasm_f64x2_convert_low_u32x4(tails), splat(0.5));
  const v128_t segment = wasm_u64x2_shr(bits, 52 - SEGMENT_BITS);
  const f64x2 m = wasm_v128_or(wasm_v128_and(bits, wasm_i64x2_splat(0xfffffffffffff)), splat(1));
  const u32 lowest = (u32)(LOWEST_EXPONENT + 1023) << SEGMENT_BITS;
  const double *first = table + 4 * ((u32)wasm_i64x2_extract_lane(segment, 0) - lowest);
  const double *second = table + 4 * ((u32)wasm_i64x2_extract_lane(segment, 1) - lowest);
  const v128_t a01 = load(first), a23 = load(first + 2), b01 = load(second), b23 = load(second + 2);
  const f64x2 c0 = wasm_i64x2_shuffle(a01, b01, 0, 2), c1 = wasm_i64x2_shuffle(a01, b01, 1, 3);
  const f64x2 c2 = wasm_i64x2_shuffle(a23, b23, 0, 2), c3 = wasm_i64x2_shuffle(a23, b23, 1, 3);
  const f64x2 quantile = add(c0, mul(m, add(c1, mul(m, add(c2, mul(m, c3))))));
  // The sign bit is set in the lower half of the law.
  return wasm_v128_xor(quantile, wasm_v128_andnot(splat(-0.0), isUpper));
}

INLINE void writeQuantiles(double *out, const double *table, v128_t words) {
  const v128_t isUpper = wasm_i32x4_shr(words, 31);
  const v128_t tails = wasm_v128_xor(words, isUpper);
  const v128_t high = wasm_i32x4_shuffle(tails, tails, 2, 3, 2, 3);
  store(out, quantilePair(table, tails, wasm_i64x2_extend_low_i32x4(isUpper)));
  store(out + 2, quantilePair(table, high, wasm_i64x2_extend_high_i32x4(isUpper)));
}

EXPORT void drawQuantiles(double *out, const double *table, u32 seed0, u32 seed1, u32 seed2, u32 seed3, u32 stream,
                          u32 step, u32 count) {
  const u32 keys[5] = {seed0, seed1, seed2, seed3, PARITY ^ seed0 ^ seed1 ^ seed2 ^ seed3};
  v128_t counter = wasm_i32x4_make(0, 1, 2, 3);
  double spare[16];
  for (u32 i = 0; i < count; i += 16) {
    v128_t x0 = wasm_i32x4_add(counter, wasm_i32x4_splat((i32)keys[0]));
    v128_t x1 = wasm_i32x4_splat((i32)(step + keys[1]));
    v128_t x2 = wasm_i32x4_splat((i32)(stream + keys[2]));
    v128_t x3 = wasm_i32x4_splat((i32)keys[3]);
    FOUR_ROUNDS_A INJECT(1) FOUR_ROUNDS_B INJECT(2) FOUR_ROUNDS_A INJECT(3) FOUR_ROUNDS_B INJECT(4) FOUR_ROUNDS_A INJECT(5)
    double *target = i + 16 <= count ? out + i : spare;
    writeQuantiles(target, table, x0);
    writeQuantiles(target + 4, table, x1);
    writeQuantiles(target + 8, table, x2);
    writeQuantiles(target + 12, table, x3);
    if (target == spare) {
      for (u32 j = 0; i + j < count; j += 1) out[i + j] = spare[j];
    }
    counter = wasm_i32x4_add(counter, wasm_i32x4_splat(4));
  }
}

EXPORT void shuffleStrata(double *out, const double *strata, u32 bits, u32 first, u32 second, u32 third, u32 fourth,
                          u32 count) {
  const v128_t mask = wasm_i32x4_splat((i32)((1u << bits) - 1)), key = wasm_i32x4_splat((i32)first);
  const v128_t factor2 = wasm_i32x4_splat((i32)(second | 1)), factor3 = wasm_i32x4_splat((i32)(third | 1));
  const v128_t factor4 = wasm_i32x4_splat((i32)((first >> 16) | 1)), shift = wasm_i32x4_splat((i32)fourth);
  const u32 half = bits >> 1;
  v128_t index = wasm_i32x4_make(0, 1, 2, 3);
  for (u32 i = 0; i < count; i += 4) { // a power of two, and at least four
    v128_t x = wasm_v128_and(wasm_v128_xor(index, key), mask);
    x = wasm_v128_and(wasm_i32x4_mul(x, factor2), mask);
    x = wasm_v128_xor(x, wasm_u32x4_shr(x, half));
    x = wasm_v128_and(wasm_i32x4_add(wasm_i32x4_mul(x, factor3), shift), mask);
    x = wasm_v128_xor(x, wasm_u32x4_shr(x, half));
    x = wasm_v128_and(wasm_i32x4_mul(x, factor4), mask);
    out[i] = strata[wasm_i32x4_extract_lane(x, 0)];
    out[i + 1] = strata[wasm_i32x4_extract_lane(x, 1)];
    out[i + 2] = strata[wasm_i32x4_extract_lane(x, 2)];
    out[i + 3] = strata[wasm_i32x4_extract_lane(x, 3)];
    index = wasm_i32x4_add(index, wasm_i32x4_splat(4));
  }
}
