// The fast path of the sampler. The readable reference is ../reference-path-math.ts; both must give the same bits: every
// number is made by the same additions and multiplications in the same order, two numbers at a time.
#pragma once
#include <wasm_simd128.h>

typedef unsigned int u32;
typedef int i32;
typedef unsigned short u16;
typedef unsigned char u8;
typedef unsigned long long u64;

#define EXPORT __attribute__((visibility("default")))
#define INLINE static inline __attribute__((always_inline))

typedef v128_t f64x2;

INLINE f64x2 splat(double x) { return wasm_f64x2_splat(x); }
INLINE f64x2 load(const double *at) { return wasm_v128_load(at); }
INLINE void store(double *at, f64x2 x) { wasm_v128_store(at, x); }
INLINE f64x2 add(f64x2 a, f64x2 b) { return wasm_f64x2_add(a, b); }
INLINE f64x2 sub(f64x2 a, f64x2 b) { return wasm_f64x2_sub(a, b); }
INLINE f64x2 mul(f64x2 a, f64x2 b) { return wasm_f64x2_mul(a, b); }

// 1.5 * 2^52: adding and taking it away again rounds to the nearest whole number, which then stands in the low bits.
#define ROUNDING 6755399441055744.0
#define LARGEST_EXPONENT 700.0

static const double expCoefficients[13] = {
    2.08767569878681e-9,   2.505210838544172e-8, 2.755731922398589e-7, 2.7557319223985893e-6, 2.48015873015873e-5,
    1.984126984126984e-4,  1.388888888888889e-3, 8.333333333333333e-3, 0.041666666666666664,  0.16666666666666666,
    0.5,                   1,                    1,
};

// ../distributions/elementary.ts
INLINE f64x2 exponential(f64x2 x) {
  const f64x2 bounded = wasm_f64x2_pmin(splat(LARGEST_EXPONENT), wasm_f64x2_pmax(splat(-LARGEST_EXPONENT), x));
  const f64x2 shifted = add(mul(bounded, splat(1.4426950408889634)), splat(ROUNDING));
  const f64x2 power = sub(shifted, splat(ROUNDING));
  const f64x2 r = sub(sub(bounded, mul(power, splat(0.693147180369123816490))), mul(power, splat(1.90821492927058770002e-10)));
  f64x2 sum = splat(expCoefficients[0]);
  for (int i = 1; i < 13; i += 1) sum = add(mul(sum, r), splat(expCoefficients[i]));
  const v128_t scale = wasm_i64x2_shl(wasm_i64x2_add(shifted, wasm_i64x2_splat(1023)), 52);
  return mul(sum, scale);
}
