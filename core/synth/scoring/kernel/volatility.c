// Standard deviation of the returns in each block of each path, two paths at a time; ../volatility.ts in SIMD.
#include "kernel.h"

// numpy's order of additions, as in ../pairwise-sum.ts.
static v128_t pairwiseSum(const v128_t *x, u32 count) {
  if (count < 8) {
    v128_t sum = wasm_f64x2_splat(0);
    for (u32 i = 0; i < count; i += 1) sum = wasm_f64x2_add(sum, x[i]);
    return sum;
  }
  if (count <= 128) {
    v128_t r[8];
    for (int j = 0; j < 8; j += 1) r[j] = x[j];
    u32 i = 8;
    for (; i < count - count % 8; i += 8) {
      for (int j = 0; j < 8; j += 1) r[j] = wasm_f64x2_add(r[j], x[i + j]);
    }
    v128_t low = wasm_f64x2_add(wasm_f64x2_add(r[0], r[1]), wasm_f64x2_add(r[2], r[3]));
    v128_t high = wasm_f64x2_add(wasm_f64x2_add(r[4], r[5]), wasm_f64x2_add(r[6], r[7]));
    v128_t sum = wasm_f64x2_add(low, high);
    for (; i < count; i += 1) sum = wasm_f64x2_add(sum, x[i]);
    return sum;
  }
  u32 half = count / 2;
  half -= half % 8;
  return wasm_f64x2_add(pairwiseSum(x, half), pairwiseSum(x + half, count - half));
}

INLINE v128_t standardDeviation(const v128_t *returns, v128_t *work, u32 count, int hasMissing) {
  const v128_t one = wasm_f64x2_splat(1), zero = wasm_f64x2_splat(0);
  v128_t observed = hasMissing ? zero : wasm_f64x2_splat(count);
  const v128_t *present = returns;
  if (hasMissing) { // missing returns take part in both sums as 0
    for (u32 i = 0; i < count; i += 1) {
      v128_t isObserved = wasm_f64x2_eq(returns[i], returns[i]);
      observed = wasm_f64x2_add(observed, wasm_v128_and(isObserved, one));
      work[i] = wasm_v128_and(isObserved, returns[i]);
    }
    present = work;
  }
  const v128_t mean = wasm_f64x2_div(pairwiseSum(present, count), observed);
  for (u32 i = 0; i < count; i += 1) {
    v128_t deviation = wasm_f64x2_sub(returns[i], mean);
    if (hasMissing) deviation = wasm_v128_and(wasm_f64x2_eq(returns[i], returns[i]), deviation);
    work[i] = wasm_f64x2_mul(deviation, deviation);
  }
  const v128_t divisor = wasm_f64x2_sub(observed, one);
  const v128_t deviation = wasm_f64x2_sqrt(wasm_f64x2_div(pairwiseSum(work, count), divisor));
  return wasm_v128_bitselect(deviation, wasm_f64x2_splat(__builtin_nan("")), wasm_f64x2_gt(divisor, zero));
}

// Appends, size by size, one column per whole block behind the point columns. The block sizes are read from `from`
// and the returns of two paths are kept in `staging`: both are free between loading and scoring.
EXPORT void appendVolatilities(u32 sizeCount) {
  const u32 changes = kernel.pointCount - 1, stride = kernel.columnStride;
  v128_t *returns = (v128_t *)kernel.staging, *work = returns + changes;
  const v128_t bps = wasm_f64x2_splat(10000.0);
  for (u32 path = 0; path < kernel.pathCount; path += 2) { // columns are padded: the odd one out has a silent partner
    const double *prices = kernel.columns + path;
    v128_t before = wasm_v128_load(prices), isNumber = wasm_i64x2_splat(-1);
    for (u32 i = 0; i < changes; i += 1) {
      v128_t after = wasm_v128_load(prices + (i + 1) * stride);
      returns[i] = wasm_f64x2_mul(wasm_f64x2_div(wasm_f64x2_sub(after, before), before), bps);
      isNumber = wasm_v128_and(isNumber, wasm_f64x2_eq(returns[i], returns[i]));
      before = after;
    }
    const int hasMissing = !wasm_i64x2_all_true(isNumber);
    double *out = kernel.columns + kernel.pointCount * stride + path;
    for (u32 size = 0; size < sizeCount; size += 1) {
      const u32 steps = (u32)kernel.from[size];
      for (u32 start = 0; start + steps <= changes; start += steps) {
        v128_t deviation = hasMissing ? standardDeviation(returns + start, work, steps, 1)
                                      : standardDeviation(returns + start, work, steps, 0);
        wasm_v128_store(out, deviation);
        out += stride;
      }
    }
  }
}
