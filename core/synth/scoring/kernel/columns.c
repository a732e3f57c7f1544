// Rows to columns, and columns to the values of one term.
#include "kernel.h"

#define TILE 8

INLINE v128_t toSingle(v128_t x) { return wasm_f64x2_promote_low_f32x4(wasm_f32x4_demote_f64x2_zero(x)); }

// Transposes `rowCount` staged rows, the first being path `firstPath`; with `isSingle` after storage in single precision.
// Answers whether a price is 0.
INLINE u32 transpose(u32 firstPath, u32 rowCount, int isSingle) {
  const u32 points = kernel.pointCount, stride = kernel.columnStride;
  const v128_t zero = wasm_f64x2_splat(0);
  v128_t zeros = wasm_i64x2_splat(0);
  u32 hasZero = 0, row = 0;
  for (; row + TILE <= rowCount; row += TILE) {
    const double *source = kernel.staging + row * points;
    double *target = kernel.columns + firstPath + row;
    u32 point = 0;
    for (; point + 2 <= points; point += 2) {
      double *left = target + point * stride, *right = left + stride;
      for (int i = 0; i < TILE; i += 2) {
        v128_t a = wasm_v128_load(source + i * points + point), b = wasm_v128_load(source + (i + 1) * points + point);
        if (isSingle) a = toSingle(a), b = toSingle(b);
        zeros = wasm_v128_or(zeros, wasm_v128_or(wasm_f64x2_eq(a, zero), wasm_f64x2_eq(b, zero)));
        wasm_v128_store(left + i, wasm_i64x2_shuffle(a, b, 0, 2));
        wasm_v128_store(right + i, wasm_i64x2_shuffle(a, b, 1, 3));
      }
    }
    for (; point < points; point += 1) {
      for (int i = 0; i < TILE; i += 1) {
        double price = isSingle ? (float)source[i * points + point] : source[i * points + point];
        hasZero |= price == 0;
        target[point * stride + i] = price;
      }
    }
  }
  for (; row < rowCount; row += 1) {
    for (u32 point = 0; point < points; point += 1) {
      double price = isSingle ? (float)kernel.staging[row * points + point] : kernel.staging[row * points + point];
      hasZero |= price == 0;
      kernel.columns[point * stride + firstPath + row] = price;
    }
  }
  return hasZero | wasm_v128_any_true(zeros);
}

EXPORT u32 loadRows(u32 firstPath, u32 rowCount, u32 isSingle) {
  return isSingle ? transpose(firstPath, rowCount, 1) : transpose(firstPath, rowCount, 0);
}

struct Scan {
  v128_t lowest, highest, rank, isNumber;
};

INLINE void scan(struct Scan *s, v128_t x, v128_t observed) {
  // pmin and pmax keep their first operand when the other is NaN.
  s->lowest = wasm_f64x2_pmin(s->lowest, x);
  s->highest = wasm_f64x2_pmax(s->highest, x);
  s->isNumber = wasm_v128_and(s->isNumber, wasm_f64x2_eq(x, x));
  s->rank = wasm_i64x2_sub(s->rank, wasm_f64x2_le(x, observed));
}

struct Summary gatherTerm(u32 term) {
  const u32 count = kernel.pathCount;
  const double observed = kernel.observed[term];
  const double *after = kernel.columns + kernel.to[term] * kernel.columnStride;
  const v128_t observedBoth = wasm_f64x2_splat(observed), bps = wasm_f64x2_splat(10000.0);
  double *values = kernel.values;
  struct Scan s = {wasm_f64x2_splat(__builtin_inf()), wasm_f64x2_splat(-__builtin_inf()), wasm_i64x2_splat(0),
                   wasm_i64x2_splat(-1)};
  u32 i = 0;
  double last = 0;
  if (kernel.from[term] < 0) {
    for (; i + 2 <= count; i += 2) {
      v128_t x = wasm_v128_load(after + i);
      wasm_v128_store(values + i, x);
      scan(&s, x, observedBoth);
    }
    if (i < count) last = after[i];
  } else {
    const double *before = kernel.columns + kernel.from[term] * kernel.columnStride;
    for (; i + 2 <= count; i += 2) {
      v128_t a = wasm_v128_load(before + i), b = wasm_v128_load(after + i);
      v128_t x = wasm_f64x2_mul(wasm_f64x2_div(wasm_f64x2_sub(b, a), a), bps);
      wasm_v128_store(values + i, x);
      scan(&s, x, observedBoth);
    }
    if (i < count) last = ((after[i] - before[i]) / before[i]) * 10000.0;
  }
  u32 rank = (u32)(wasm_i64x2_extract_lane(s.rank, 0) + wasm_i64x2_extract_lane(s.rank, 1));
  if (i < count) {
    values[i] = last;
    rank += last <= observed;
    scan(&s, wasm_f64x2_splat(last), observedBoth);
  }
  const double low0 = wasm_f64x2_extract_lane(s.lowest, 0), low1 = wasm_f64x2_extract_lane(s.lowest, 1);
  const double high0 = wasm_f64x2_extract_lane(s.highest, 0), high1 = wasm_f64x2_extract_lane(s.highest, 1);
  struct Summary summary;
  summary.lowest = low1 < low0 ? low1 : low0;
  summary.highest = high1 > high0 ? high1 : high0;
  summary.rank = rank;
  summary.isFinite =
      wasm_i64x2_all_true(s.isNumber) && summary.highest - summary.lowest < __builtin_inf();
  return summary;
}
