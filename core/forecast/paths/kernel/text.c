// Prices as JSON numbers, ../write-prices.ts in fewer instructions.
#include "kernel.h"

static const double powersOfTen[9] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8};

// Where the price stands that could not be written: path * pointCount + point.
static u32 refusedAt;

EXPORT u32 refusedIndex(void) { return refusedAt; }

// Rounds p * power, known to within half a unit of its last place, to the nearest whole number, ties to even.
static u32 roundExactly(double p, double power, double product, double whole) {
  const double t = 134217729.0 * p; // Veltkamp: p in two halves whose products with a power below 2^27 are exact
  const double high = t - (t - p), low = p - high;
  const double error = (high * power - product) + low * power;
  const double side = (product - whole - 0.5) + error;
  const u32 below = (u32)whole;
  return side > 0 || (side == 0 && below % 2 == 1) ? below + 1 : below;
}

// The eight digits of two numbers as bytes, the first digit in the lowest byte of its half.
INLINE v128_t splitDigits(v128_t m) {
  // m / 10000 by a product with 2^45 / 10000, rounded up: exact below 2^32
  const v128_t high = wasm_u64x2_shr(wasm_u64x2_extmul_low_u32x4(m, wasm_i32x4_splat((i32)3518437209u)), 45);
  const v128_t wide = wasm_u64x2_extend_low_u32x4(m);
  const v128_t low = wasm_i32x4_sub(wide, wasm_i32x4_mul(high, wasm_i32x4_splat(10000)));
  v128_t x = wasm_v128_or(high, wasm_i64x2_shl(low, 32));
  v128_t q = wasm_u32x4_shr(wasm_i32x4_mul(x, wasm_i32x4_splat(10486)), 20);
  x = wasm_v128_or(q, wasm_i32x4_shl(wasm_i32x4_sub(x, wasm_i32x4_mul(q, wasm_i32x4_splat(100))), 16));
  q = wasm_u16x8_shr(wasm_i16x8_mul(x, wasm_i16x8_splat(103)), 10);
  return wasm_v128_or(q, wasm_i16x8_shl(wasm_i16x8_sub(x, wasm_i16x8_mul(q, wasm_i16x8_splat(10))), 8));
}

struct Decade {
  double power, least; // what prices are multiplied by, and the least product that is in the decade
  u32 wholeDigits;
};

static struct Decade decadeOf(double p) {
  u32 whole = 1;
  while (whole < 8 && p >= powersOfTen[whole]) whole += 1;
  return (struct Decade){powersOfTen[8 - whole], whole == 1 ? 1 : 10000000, whole};
}

typedef u64 __attribute__((aligned(1))) u64Anywhere;

// Eight digits with the point after the first n, without trailing zeros. Answers the end.
INLINE u8 *writeDigits(u8 *out, u64 digits, u32 n) {
  const u64 ascii = digits | 0x3030303030303030ull;
  *(u64Anywhere *)out = ascii;
  if (n == 8) return out + 8;
  const u32 decimals = 8 - n, zeros = (u32)__builtin_clzll(digits) / 8;
  *(u64Anywhere *)(out + n + 1) = ascii >> (8 * n);
  out[n] = '.';
  return out + (zeros >= decimals ? n : n + 1 + decimals - zeros);
}

// One price of any size. Answers the end of its text, or 0.
static u8 *writeAny(u8 *out, double p) {
  if (!(p > 0 && p < 1e8)) return 0;
  const struct Decade decade = decadeOf(p);
  const double product = p * decade.power, whole = __builtin_floor(product);
  const u32 m = roundExactly(p, decade.power, product, whole), n = decade.wholeDigits;
  if (m == 0) return 0;
  if (m < 100000000u) {
    return writeDigits(out, (u64)wasm_i64x2_extract_lane(splitDigits(wasm_i32x4_make((i32)m, 0, 0, 0)), 0), n);
  }
  if (n == 8) return 0; // carried into a ninth digit
  *out++ = '1';
  for (u32 i = 0; i < n; i += 1) *out++ = '0';
  return out;
}

// Adding 2^52 rounds to a whole number and leaves it in the low bits.
#define WHOLE 4503599627370496.0

// Answers the end of the text, or 0 with refusedIndex when a price has none. `out` has room for 10 bytes a price more.
EXPORT u8 *writeRows(u8 *out, const double *prices, u32 pathCount, u32 pointCount) {
  struct Decade decade = decadeOf(prices[0]);
  for (u32 path = 0; path < pathCount; path += 1) {
    const double *row = prices + path * pointCount;
    *out++ = ',';
    *out++ = '[';
    u32 point = 0;
    while (point < pointCount) {
      // Two prices of the decade that most are in, neither at its edge nor close to a tie: no more than arithmetic.
      if (point + 2 <= pointCount) {
        const f64x2 p = load(row + point);
        const f64x2 product = mul(p, splat(decade.power)), whole = add(product, splat(WHOLE));
        const f64x2 fraction = wasm_f64x2_abs(sub(product, sub(whole, splat(WHOLE))));
        v128_t isPlain = wasm_v128_and(wasm_f64x2_ge(product, splat(decade.least)), wasm_f64x2_lt(product, splat(99999999)));
        isPlain = wasm_v128_and(isPlain, wasm_f64x2_lt(fraction, splat(0.499999)));
        if (wasm_i64x2_all_true(isPlain)) {
          const v128_t digits = splitDigits(wasm_i32x4_shuffle(whole, whole, 0, 2, 0, 2));
          out = writeDigits(out, (u64)wasm_i64x2_extract_lane(digits, 0), decade.wholeDigits);
          *out++ = ',';
          out = writeDigits(out, (u64)wasm_i64x2_extract_lane(digits, 1), decade.wholeDigits);
          *out++ = ',';
          point += 2;
          continue;
        }
      }
      u8 *end = writeAny(out, row[point]);
      if (end == 0) {
        refusedAt = path * pointCount + point;
        return 0;
      }
      out = end;
      *out++ = ',';
      decade = decadeOf(row[point]);
      point += 1;
    }
    out[-1] = ']';
  }
  return out;
}
