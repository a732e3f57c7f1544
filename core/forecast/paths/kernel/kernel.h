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

// ../distributions/elementary.ts, on four pairs: a step of one waits for the step before, so they take turns.
INLINE void exponentials(f64x2 x[4]) {
  f64x2 power[4], r[4], sum[4];
  v128_t shifted[4];
  for (int j = 0; j < 4; j += 1) {
    const f64x2 bounded = wasm_f64x2_pmin(splat(LARGEST_EXPONENT), wasm_f64x2_pmax(splat(-LARGEST_EXPONENT), x[j]));
    shifted[j] = add(mul(bounded, splat(1.4426950408889634)), splat(ROUNDING));
    power[j] = sub(shifted[j], splat(ROUNDING));
    r[j] = sub(sub(bounded, mul(power[j], splat(0.693147180369123816490))), mul(power[j], splat(1.90821492927058770002e-10)));
    sum[j] = splat(expCoefficients[0]);
  }
#pragma clang loop unroll(full)
  for (int i = 1; i < 13; i += 1) {
    for (int j = 0; j < 4; j += 1) sum[j] = add(mul(sum[j], r[j]), splat(expCoefficients[i]));
  }
  for (int j = 0; j < 4; j += 1) {
    x[j] = mul(sum[j], wasm_i64x2_shl(wasm_i64x2_add(shifted[j], wasm_i64x2_splat(1023)), 52));
  }
}

INLINE f64x2 exponential(f64x2 x) {
  f64x2 four[4] = {x, x, x, x};
  exponentials(four);
  return four[0];
}
