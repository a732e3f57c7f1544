// Ranking by counting: buckets are so narrow that the order inside one does not matter, and narrow where sums are many.
#include "kernel.h"

#define BUCKETS 4096u
#define HALF 2048.0
#define CENTRE 3.0 // deviations within which half of the buckets lie
#define WHOLE 4503599627370496.0 // adding 2^52 rounds to a whole number and leaves it in the low bits

static u16 ends[BUCKETS];

// Behind the scratch address the host leaves room for this many bytes.
EXPORT u32 rankScratchBytes(u32 count) { return 2 * ((count + 7) / 8 * 8); }

INLINE v128_t slotPair(const double *sums, f64x2 centre) {
  const f64x2 x = load(sums);
  const f64x2 share = wasm_f64x2_div(x, add(centre, wasm_f64x2_abs(x)));
  return add(mul(share, splat(HALF - 1)), splat(HALF + WHOLE));
}

static void fillSlots(u16 *slots, const double *sums, double scale, u32 count) {
  const f64x2 centre = splat(CENTRE * scale);
  u32 i = 0;
  for (; i + 8 <= count; i += 8) {
    const v128_t a = slotPair(sums + i, centre), b = slotPair(sums + i + 2, centre);
    const v128_t c = slotPair(sums + i + 4, centre), d = slotPair(sums + i + 6, centre);
    const v128_t first = wasm_i32x4_shuffle(a, b, 0, 2, 4, 6), second = wasm_i32x4_shuffle(c, d, 0, 2, 4, 6);
    wasm_v128_store(slots + i, wasm_u16x8_narrow_i32x4(first, second));
  }
  for (; i < count; i += 1) {
    const double one[2] = {sums[i], 0};
    slots[i] = (u16)wasm_i32x4_extract_lane(slotPair(one, centre), 0);
  }
}

static void countToStarts(void) {
  v128_t carry = wasm_i16x8_splat(0);
  const v128_t zero = carry;
  for (u32 i = 0; i < BUCKETS; i += 8) {
    const v128_t count = wasm_v128_load(ends + i);
    v128_t total = wasm_i16x8_add(count, wasm_i16x8_shuffle(zero, count, 7, 8, 9, 10, 11, 12, 13, 14));
    total = wasm_i16x8_add(total, wasm_i16x8_shuffle(zero, total, 6, 7, 8, 9, 10, 11, 12, 13));
    total = wasm_i16x8_add(total, wasm_i16x8_shuffle(zero, total, 4, 5, 6, 7, 8, 9, 10, 11));
    wasm_v128_store(ends + i, wasm_i16x8_sub(wasm_i16x8_add(total, carry), count));
    carry = wasm_i16x8_add(carry, wasm_i16x8_shuffle(total, total, 7, 7, 7, 7, 7, 7, 7, 7));
  }
}

EXPORT void matchRanks(double *out, const double *sums, const double *targets, double scale, u16 *slots, u32 count) {
  for (u32 i = 0; i < BUCKETS; i += 8) wasm_v128_store(ends + i, wasm_i16x8_splat(0));
  fillSlots(slots, sums, scale, count);
  u32 i = 0;
  for (; i + 4 <= count; i += 4) {
    ends[slots[i]] += 1;
    ends[slots[i + 1]] += 1;
    ends[slots[i + 2]] += 1;
    ends[slots[i + 3]] += 1;
  }
  for (; i < count; i += 1) ends[slots[i]] += 1;
  countToStarts();
  for (i = 0; i < count; i += 1) out[i] = scale * targets[ends[slots[i]]++] - sums[i];
}
