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

// Two columns of prices of which a term compares the change, or one of which it compares the prices.
struct Columns {
  const double *before, *after;
  int isChange;
};

INLINE v128_t memberPair(const struct Columns *columns, u32 path) {
  const v128_t b = wasm_v128_load(columns->after + path);
  if (!columns->isChange) return b;
  const v128_t a = wasm_v128_load(columns->before + path);
  return wasm_f64x2_mul(wasm_f64x2_div(wasm_f64x2_sub(b, a), a), wasm_f64x2_splat(10000.0));
}

#define GROUPS 4
#define MARGIN 1.2 // of the distance between the usual smallest and largest of four, on either side

// The mean of the two middle ones of four, in each lane, then of the lanes.
INLINE double middle(const v128_t *x) {
  const v128_t second = wasm_f64x2_pmax(wasm_f64x2_pmin(x[0], x[1]), wasm_f64x2_pmin(x[2], x[3]));
  const v128_t third = wasm_f64x2_pmin(wasm_f64x2_pmax(x[0], x[1]), wasm_f64x2_pmax(x[2], x[3]));
  const v128_t sum = wasm_f64x2_add(second, third);
  return (wasm_f64x2_extract_lane(sum, 0) + wasm_f64x2_extract_lane(sum, 1)) / 4;
}

// Buckets over the range of nearly all members, from the usual smallest and largest of four: a few outliers among the
// samples change little, and outliers among the members go into the first and last bucket. Whatever the samples are, a
// larger member never comes into a lower bucket.
INLINE struct Buckets chooseBuckets(const struct Columns *columns) {
  v128_t smallest[GROUPS], largest[GROUPS];
  for (u32 group = 0; group < GROUPS; group += 1) {
    for (u32 i = 0; i < 4; i += 1) {
      const v128_t x = memberPair(columns, ((4 * group + i) * kernel.pathCount / (4 * GROUPS)) & ~1u);
      smallest[group] = i == 0 ? x : wasm_f64x2_pmin(smallest[group], x);
      largest[group] = i == 0 ? x : wasm_f64x2_pmax(largest[group], x);
    }
  }
  const double low = middle(smallest), high = middle(largest), margin = MARGIN * (high - low);
  const double last = kernel.bucketCount - 1, scale = last / (high - low + 2 * margin);
  struct Buckets buckets;
  buckets.scale = scale > 0 && scale < __builtin_inf() ? scale : 0;
  buckets.offset = ROUNDING - (low - margin) * buckets.scale;
  buckets.last = ROUNDING + last;
  return buckets;
}

// Gathers a term and, where `lane` is given, scatters the term before it: the divisions of one and the stores of the
// other run side by side.
INLINE void gather(const struct Columns *columns, double *lane, int isScattering) {
  const u32 count = kernel.pathCount;
  const struct Buckets buckets = chooseBuckets(columns);
  double *values = kernel.gathered.values;
  u16 *slots = kernel.gathered.slots;
  const double *oldValues = kernel.counted.values;
  const u16 *oldSlots = kernel.counted.slots;
  u16 *ends = bucketEnds + BEFORE_ENDS;
  unsigned char *counts = bucketCounts;
  u32 i = 0;
  for (; i + 8 <= count; i += 8) {
    v128_t bits[4];
    for (u32 j = 0; j < 4; j += 1) {
      const v128_t x = memberPair(columns, i + 2 * j);
      wasm_v128_store(values + i + 2 * j, x);
      bits[j] = bucketBits(&buckets, x);
    }
    const v128_t first = wasm_i32x4_shuffle(bits[0], bits[1], 0, 2, 4, 6);
    const v128_t second = wasm_i32x4_shuffle(bits[2], bits[3], 0, 2, 4, 6);
    wasm_v128_store(slots + i, wasm_u16x8_narrow_i32x4(first, second));
    if (isScattering) {
      for (u32 j = 0; j < 8; j += 1) lane[ends[oldSlots[i + j]]++] = oldValues[i + j];
    }
    // One step behind: reading what has just been written waits.
    for (u32 j = 8; i > 0 && j > 0; j -= 1) counts[slots[i - j]] += 1;
  }
  for (u32 j = i < 8 ? 0 : i - 8; j < i; j += 1) counts[slots[j]] += 1;
  for (; i < count; i += 1) { // columns are padded: the second lane stays inside
    const v128_t x = memberPair(columns, i);
    values[i] = wasm_f64x2_extract_lane(x, 0);
    slots[i] = (u16)wasm_i64x2_extract_lane(bucketBits(&buckets, x), 0);
    counts[slots[i]] += 1;
    if (isScattering) lane[ends[oldSlots[i]]++] = oldValues[i];
  }
  kernel.gathered.buckets = buckets;
}

void gatherTerm(u32 term, double *lane) {
  const double *after = kernel.columns + kernel.to[term] * kernel.columnStride;
  if (kernel.from[term] < 0) {
    const struct Columns columns = {after, after, 0};
    if (lane == 0) gather(&columns, 0, 0);
    else gather(&columns, lane, 1);
  } else {
    const struct Columns columns = {kernel.columns + kernel.from[term] * kernel.columnStride, after, 1};
    if (lane == 0) gather(&columns, 0, 0);
    else gather(&columns, lane, 1);
  }
}
