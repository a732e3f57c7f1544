// Sums, products and exponentials of columns.
#include "kernel.h"

// Runs `body` on two numbers at a time; an odd last one goes through the same vector instructions with a silent partner.
#define EACH_PAIR(count, body)                                                                                         \
  u32 i = 0;                                                                                                           \
  for (; i + 2 <= (count); i += 2) {                                                                                   \
    body(load, store)                                                                                                  \
  }                                                                                                                    \
  if (i < (count)) {                                                                                                   \
    body(loadOne, storeOne)                                                                                            \
  }

INLINE f64x2 loadOne(const double *at) { return splat(*at); }
INLINE void storeOne(double *at, f64x2 x) { *at = wasm_f64x2_extract_lane(x, 0); }

EXPORT void decay(double *state, double keep, double gain, const double *draws, u32 count) {
  const f64x2 k = splat(keep), g = splat(gain);
#define BODY(get, put) put(state + i, add(mul(k, get(state + i)), mul(g, get(draws + i))));
  EACH_PAIR(count, BODY)
#undef BODY
}

EXPORT void addScaled(double *out, double scale, const double *values, u32 count) {
  const f64x2 s = splat(scale);
#define BODY(get, put) put(out + i, add(get(out + i), mul(s, get(values + i))));
  EACH_PAIR(count, BODY)
#undef BODY
}

EXPORT void multiply(double *out, double scale, const double *values, u32 count) {
  const f64x2 s = splat(scale);
#define BODY(get, put) put(out + i, mul(get(out + i), mul(s, get(values + i))));
  EACH_PAIR(count, BODY)
#undef BODY
}

EXPORT void multiplyExponentials(double *out, double scale, const double *logs, u32 count) {
  const f64x2 s = splat(scale);
  u32 i = 0;
  for (; i + 8 <= count; i += 8) {
    f64x2 x[4];
    for (int j = 0; j < 4; j += 1) x[j] = load(logs + i + 2 * j);
    exponentials(x);
    for (int j = 0; j < 4; j += 1) store(out + i + 2 * j, mul(load(out + i + 2 * j), mul(s, x[j])));
  }
  for (; i < count; i += 1) out[i] *= scale * wasm_f64x2_extract_lane(exponential(loadOne(logs + i)), 0);
}

INLINE f64x2 halfLog(f64x2 x) {
  const f64x2 least = splat(2.2250738585072014e-308), sqrt2 = splat(1.4142135623730951), one = splat(1);
  const f64x2 bits = wasm_v128_bitselect(x, least, wasm_f64x2_gt(x, least));
  const f64x2 mantissa = wasm_v128_or(wasm_v128_and(bits, wasm_i64x2_splat(0xfffffffffffff)), one);
  // The exponent as a number: put below the leading bit of 2^52, and 2^52 taken away.
  const f64x2 magic = splat(4503599627370496.0);
  const f64x2 exponent = sub(wasm_v128_or(wasm_u64x2_shr(bits, 52), magic), magic);
  const f64x2 s = wasm_f64x2_div(sub(mantissa, sqrt2), add(mantissa, sqrt2));
  const f64x2 square = mul(s, s);
  f64x2 series = add(splat(1.0 / 5), mul(square, splat(1.0 / 7)));
  series = add(splat(1.0 / 3), mul(square, series));
  series = mul(s, add(one, mul(square, series)));
  return add(mul(add(sub(exponent, splat(1023)), splat(0.5)), splat(0.34657359027997264)), series);
}

EXPORT void halfLogs(double *out, double scale, const double *values, u32 count) {
  const f64x2 s = splat(scale);
#define BODY(get, put) put(out + i, halfLog(mul(s, get(values + i))));
  EACH_PAIR(count, BODY)
#undef BODY
}

EXPORT double sum(const double *values, u32 count) {
  f64x2 even = splat(0), odd = splat(0);
  u32 i = 0;
  for (; i + 4 <= count; i += 4) {
    even = add(even, load(values + i));
    odd = add(odd, load(values + i + 2));
  }
  double lanes[4] = {wasm_f64x2_extract_lane(even, 0), wasm_f64x2_extract_lane(even, 1),
                     wasm_f64x2_extract_lane(odd, 0), wasm_f64x2_extract_lane(odd, 1)};
  for (u32 lane = 0; i + lane < count; lane += 1) lanes[lane] += values[i + lane];
  return lanes[0] + lanes[2] + (lanes[1] + lanes[3]);
}

static u16 binCounts[2][2048];

// Counts first: adding to a bin waits for the last addition to it, so neighbours in time go to different counters.
EXPORT void addHistogram(double *histogram, u32 binCount, const double *values, double binsPerUnit, double zeroBin,
                         double weight, u32 count) {
  for (u32 i = 0; i < 2048; i += 8) {
    wasm_v128_store(binCounts[0] + i, wasm_i16x8_splat(0));
    wasm_v128_store(binCounts[1] + i, wasm_i16x8_splat(0));
  }
  const double last = binCount - 1;
  for (u32 i = 0; i < count; i += 1) {
    double at = values[i] * binsPerUnit + (zeroBin + 0.5);
    at = at > 0 ? at : 0;
    at = at < last ? at : last;
    binCounts[i % 2][(u32)at] += 1;
  }
  for (u32 bin = 0; bin < binCount; bin += 1) histogram[bin] += weight * (double)(binCounts[0][bin] + binCounts[1][bin]);
}

#define TILE 8

// Eight paths at a time: their returns of one step are one cache line.
EXPORT void compound(double *prices, const double *returns, const double *shifts, u32 pathCount, u32 stepCount,
                     u32 columnStride, double startPrice) {
  const u32 points = stepCount + 1;
  for (u32 path = 0; path < pathCount; path += TILE) {
    const u32 rows = pathCount - path < TILE ? pathCount - path : TILE;
    f64x2 price[TILE / 2];
    for (int j = 0; j < TILE / 2; j += 1) price[j] = splat(startPrice);
    double *row = prices + path * points;
    for (u32 r = 0; r < rows; r += 1) row[r * points] = startPrice;
    for (u32 k = 0; k < stepCount; k += 1) {
      const double *source = returns + k * columnStride + path; // columns are padded to whole cache lines
      const f64x2 shift = splat(shifts[k]);
      f64x2 growth[TILE / 2];
      for (int j = 0; j < TILE / 2; j += 1) growth[j] = add(load(source + 2 * j), shift);
      exponentials(growth);
      for (int j = 0; j < TILE / 2; j += 1) price[j] = mul(price[j], growth[j]);
      double *target = row + k + 1;
      if (rows == TILE) {
        for (int j = 0; j < TILE / 2; j += 1) {
          target[2 * j * points] = wasm_f64x2_extract_lane(price[j], 0);
          target[(2 * j + 1) * points] = wasm_f64x2_extract_lane(price[j], 1);
        }
      } else {
        for (u32 r = 0; r < rows; r += 1) {
          target[r * points] = r % 2 == 0 ? wasm_f64x2_extract_lane(price[r / 2], 0) : wasm_f64x2_extract_lane(price[r / 2], 1);
        }
      }
    }
  }
}

extern u8 __heap_base;

// Memory from here on belongs to the host, which lays it out.
EXPORT u32 heapBase(void) { return (u32)&__heap_base; }
