// What replay wants to know of a term besides its CRPS, taken while its values are gathered. Scoring alone does not pay.
#include "kernel.h"

INLINE double sumLanes(v128_t x) { return wasm_f64x2_extract_lane(x, 0) + wasm_f64x2_extract_lane(x, 1); }

// Mean and variance (divisor n) of kernel.gathered.values. Taken relative to the first member, so that prices far from zero
// keep the digits of their spread.
static void momentsOf(u32 count, double *mean, double *variance) {
  const double *values = kernel.gathered.values, first = values[0];
  const v128_t origin = wasm_f64x2_splat(first);
  v128_t sums = wasm_f64x2_splat(0);
  u32 i = 0;
  for (; i + 2 <= count; i += 2) sums = wasm_f64x2_add(sums, wasm_f64x2_sub(wasm_v128_load(values + i), origin));
  double sum = sumLanes(sums);
  if (i < count) sum += values[i] - first;
  const double shift = sum / (double)count;
  const v128_t centre = wasm_f64x2_splat(shift);
  v128_t squares = wasm_f64x2_splat(0);
  for (i = 0; i + 2 <= count; i += 2) {
    v128_t x = wasm_f64x2_sub(wasm_f64x2_sub(wasm_v128_load(values + i), origin), centre);
    squares = wasm_f64x2_add(squares, wasm_f64x2_mul(x, x));
  }
  double square = sumLanes(squares);
  if (i < count) square += (values[i] - first - shift) * (values[i] - first - shift);
  *mean = first + shift;
  *variance = square / (double)count;
}

void measureTerm(u32 term) {
  double *out = kernel.measures + 3 * term;
  momentsOf(kernel.pathCount, out + 1, out + 2);
}
