// Sorting one term by proportional buckets: value -> bucket number is monotone, so after scattering by bucket only
// members of the same bucket can be out of order, and the walk's window mends that where a bucket is not crowded.
// Crowded buckets are put in order before it, with a budget of moves (ties need none). Where that is not enough a radix
// sort does it all, so that no data is worse than linear.
#include "kernel.h"

#define BUDGET 4 // moves per member
#define BUBBLED 8u // members of a crowded bucket that are put in order without branches
#define LARGEST_BUCKETED 65535u // positions are 16 bits wide

void clearCounts(void) {
  for (u32 i = 0; i < kernel.bucketCount; i += 16) wasm_v128_store(bucketCounts + i, wasm_i64x2_splat(0));
}

void sumCounts(void) {
  const v128_t zero = wasm_i64x2_splat(0), most = wasm_i8x16_splat(WINDOW + 1);
  const u32 bucketCount = kernel.bucketCount;
  unsigned char *counts = bucketCounts;
  u16 *ends = bucketEnds + BEFORE_ENDS;
  struct Crowded *crowded = kernel.crowded;
  v128_t carry = zero;
  u32 crowdedCount = 0;
  for (u32 i = 0; i < bucketCount; i += 16) {
    const v128_t count = wasm_v128_load(counts + i);
    wasm_v128_store(counts + i, zero);
    const u32 mask = wasm_i8x16_bitmask(wasm_u8x16_gt(count, most));
    if (mask != 0) crowded[crowdedCount++] = (struct Crowded){(u16)i, (u16)mask};
    // Running sums of eight bytes in each half.
    v128_t sum = wasm_i8x16_add(count, wasm_i64x2_shl(count, 8));
    sum = wasm_i8x16_add(sum, wasm_i64x2_shl(sum, 16));
    sum = wasm_i8x16_add(sum, wasm_i64x2_shl(sum, 32));
    const v128_t before = wasm_i8x16_sub(sum, count), totals = wasm_u64x2_shr(sum, 56);
    const v128_t middle = wasm_i16x8_add(carry, wasm_i16x8_shuffle(totals, totals, 0, 0, 0, 0, 0, 0, 0, 0));
    wasm_v128_store(ends + i, wasm_i16x8_add(carry, wasm_u16x8_extend_low_u8x16(before)));
    wasm_v128_store(ends + i + 8, wasm_i16x8_add(middle, wasm_u16x8_extend_high_u8x16(before)));
    carry = wasm_i16x8_add(middle, wasm_i16x8_shuffle(totals, totals, 4, 4, 4, 4, 4, 4, 4, 4));
  }
  const struct Members gathered = kernel.gathered;
  kernel.gathered = kernel.counted;
  kernel.counted = gathered;
  // A byte that ran over makes the total too small.
  kernel.counted.isWhole = kernel.pathCount <= LARGEST_BUCKETED && wasm_u16x8_extract_lane(carry, 0) == kernel.pathCount;
  kernel.counted.crowdedCount = crowdedCount;
}

void scatter(double *lane) {
  const u32 count = kernel.pathCount;
  const u16 *slots = kernel.counted.slots;
  const double *values = kernel.counted.values;
  u16 *ends = bucketEnds + BEFORE_ENDS;
  u32 i = 0;
  for (; i + 4 <= count; i += 4) {
    lane[ends[slots[i]]++] = values[i];
    lane[ends[slots[i + 1]]++] = values[i + 1];
    lane[ends[slots[i + 2]]++] = values[i + 2];
    lane[ends[slots[i + 3]]++] = values[i + 3];
  }
  for (; i < count; i += 1) lane[ends[slots[i]]++] = values[i];
}

static u32 startOf(u32 bucket) { return bucketEnds[BEFORE_ENDS + bucket - 1]; }
static u32 endOf(u32 bucket) { return bucketEnds[BEFORE_ENDS + bucket]; }

static u32 areFinite(const double *values, u32 count) {
  double zeros = 0; // NaN as soon as one is not
  for (u32 i = 0; i < count; i += 1) zeros += values[i] - values[i];
  return zeros == 0;
}

static u32 countUpTo(double observed, const double *values, u32 count) {
  u32 rank = 0;
  for (u32 i = 0; i < count; i += 1) rank += values[i] <= observed;
  return rank;
}

// Answers what is left of the budget of moves, negative when it was not enough.
static int insertionSort(double *values, u32 count, int budget) {
  double last = values[0];
  for (u32 i = 1; i < count && budget >= 0; i += 1) {
    double x = values[i];
    if (!(x < last)) {
      last = x;
      continue;
    }
    u32 j = i;
    do {
      values[j] = values[j - 1];
      j -= 1;
    } while (j > 0 && x < values[j - 1]);
    values[j] = x;
    budget -= (int)(i - j);
  }
  return budget;
}

// Moves the largest of the values to the end, without branches on data.
INLINE void bubble(double *values, u32 count) {
  v128_t largest = wasm_v128_load64_zero(values);
  for (u32 i = 1; i < count; i += 1) {
    const v128_t x = wasm_v128_load64_zero(values + i);
    wasm_v128_store64_lane(values + i - 1, wasm_f64x2_pmin(largest, x), 0);
    largest = wasm_f64x2_pmax(x, largest);
  }
  wasm_v128_store64_lane(values + count - 1, largest, 0);
}

// Puts in order what the window cannot mend. Answers 0 when that takes too many moves.
static u32 sortCrowded(double *lane, u32 crowdedCount) {
  int budget = BUDGET * (int)kernel.pathCount;
  for (u32 i = 0; i < crowdedCount && budget >= 0; i += 1) {
    for (u32 mask = kernel.crowded[i].mask; mask != 0; mask &= mask - 1) {
      const u32 bucket = kernel.crowded[i].first + __builtin_ctz(mask), start = startOf(bucket);
      u32 size = endOf(bucket) - start;
      if (size > BUBBLED) budget = insertionSort(lane + start, size, budget);
      else for (; size > WINDOW + 1; size -= 1) bubble(lane + start, size);
    }
  }
  return budget >= 0;
}

static struct Sorted sortInFull(double *lane, double observed) {
  const u32 count = kernel.pathCount;
  struct Sorted sorted = {0, areFinite(kernel.counted.values, count)};
  if (!sorted.isFinite) return sorted;
  sorted.rank = countUpTo(observed, kernel.counted.values, count);
  radixSort(count);
  for (u32 i = 0; i < count; i += 1) lane[i] = kernel.counted.values[i];
  return sorted;
}

struct Sorted finishLane(double *lane, double observed) {
  const u32 count = kernel.pathCount, last = kernel.bucketCount - 1;
  if (!kernel.counted.isWhole) return sortInFull(lane, observed);
  // NaN and the infinities are in the first and last bucket.
  struct Sorted sorted = {0, areFinite(lane, endOf(0)) && areFinite(lane + startOf(last), count - startOf(last))};
  if (!sorted.isFinite) return sorted;
  const u32 own = (u16)wasm_i64x2_extract_lane(bucketBits(&kernel.counted.buckets, wasm_f64x2_splat(observed)), 0);
  sorted.rank = startOf(own) + countUpTo(observed, lane + startOf(own), endOf(own) - startOf(own));
  const u32 crowdedCount = kernel.counted.crowdedCount;
  return crowdedCount == 0 || sortCrowded(lane, crowdedCount) ? sorted : sortInFull(lane, observed);
}

#define RADIX_BITS 8
#define RADIX 256
#define DIGITS 8
#define SIGN 0x8000000000000000ull

typedef unsigned long long __attribute__((may_alias)) bits64;

static u32 digitCounts[DIGITS][RADIX];

void radixSort(u32 count) {
  bits64 *source = (bits64 *)kernel.counted.values, *target = (bits64 *)kernel.scratch;
  for (u32 digit = 0; digit < DIGITS; digit += 1) {
    for (u32 i = 0; i < RADIX; i += 1) digitCounts[digit][i] = 0;
  }
  for (u32 i = 0; i < count; i += 1) {
    // Bits that compare as the numbers do: the sign flipped, negative numbers turned round.
    bits64 key = source[i] ^ ((bits64)((long long)source[i] >> 63) | SIGN);
    source[i] = key;
    for (u32 digit = 0; digit < DIGITS; digit += 1) digitCounts[digit][(key >> (digit * RADIX_BITS)) % RADIX] += 1;
  }
  for (u32 digit = 0; digit < DIGITS; digit += 1) {
    const u32 shift = digit * RADIX_BITS;
    u32 *starts = digitCounts[digit], start = 0;
    if (starts[(source[0] >> shift) % RADIX] == count) continue;
    for (u32 i = 0; i < RADIX; i += 1) {
      u32 size = starts[i];
      starts[i] = start;
      start += size;
    }
    for (u32 i = 0; i < count; i += 1) {
      bits64 key = source[i];
      target[starts[(key >> shift) % RADIX]++] = key;
    }
    bits64 *swap = source;
    source = target;
    target = swap;
  }
  for (u32 i = 0; i < count; i += 1) source[i] ^= ((source[i] >> 63) - 1) | SIGN;
  kernel.counted.values = (double *)source;
  kernel.scratch = (double *)target;
}
