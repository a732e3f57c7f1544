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

// Eight digits as bytes, the first digit in the lowest byte.
INLINE u64 splitDigits(u32 m) {
  u64 x = (u64)(m / 10000) | (u64)(m % 10000) << 32;
  u64 q = ((x * 10486) >> 20) & 0x0000007f0000007full;
  x = ((x - 100 * q) << 16) | q;
  q = ((x * 103) >> 10) & 0x000f000f000f000full;
  return ((x - 10 * q) << 8) | q;
}

struct Decade {
  double least, end, power;
  u32 wholeDigits;
};

static struct Decade decadeOf(double p) {
  u32 whole = 1;
  while (whole < 8 && p >= powersOfTen[whole]) whole += 1;
  return (struct Decade){whole == 1 ? 0 : powersOfTen[whole - 1], powersOfTen[whole], powersOfTen[8 - whole], whole};
}

typedef u64 __attribute__((aligned(1))) u64Anywhere;

// Answers the end of the text, or 0 with refusedIndex when a price has none. `out` has room for 10 bytes a price more.
EXPORT u8 *writeRows(u8 *out, const double *prices, u32 pathCount, u32 pointCount) {
  struct Decade decade = {1, 0, 1, 1};
  for (u32 path = 0; path < pathCount; path += 1) {
    *out++ = ',';
    *out++ = '[';
    for (u32 point = 0; point < pointCount; point += 1) {
      const double p = prices[path * pointCount + point];
      if (!(p >= decade.least && p < decade.end)) {
        if (!(p > 0 && p < 1e8)) goto refuse;
        decade = decadeOf(p);
      }
      const double product = p * decade.power;
      const double whole = __builtin_trunc(product), fraction = product - whole;
      u32 m = (u32)whole + (fraction > 0.5);
      if (fraction > 0.499999 && fraction < 0.500001) m = roundExactly(p, decade.power, product, whole);
      const u32 n = decade.wholeDigits;
      if (m >= 100000000u) { // carried into one more digit, and all others are 0
        if (n == 8) goto refuse;
        *out++ = '1';
        for (u32 i = 0; i < n; i += 1) *out++ = '0';
      } else {
        const u64 digits = splitDigits(m), ascii = digits | 0x3030303030303030ull;
        *(u64Anywhere *)out = ascii;
        if (n == 8) {
          out += 8;
        } else {
          if (digits == 0) goto refuse;
          const u32 decimals = 8 - n, zeros = (u32)__builtin_clzll(digits) / 8;
          *(u64Anywhere *)(out + n + 1) = ascii >> (8 * n);
          out[n] = '.';
          out += zeros >= decimals ? n : n + 1 + decimals - zeros;
        }
      }
      *out++ = ',';
      continue;
    refuse:
      refusedAt = path * pointCount + point;
      return 0;
    }
    out[-1] = ']';
  }
  return out;
}
