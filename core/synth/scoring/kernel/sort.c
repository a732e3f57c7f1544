// Sorting one term by proportional buckets: value -> bucket number is monotone, so after scattering by bucket only
// members of the same bucket can be out of order, and the walk's window mends that when no bucket is crowded.
// Crowded buckets go through insertion sort with a budget of moves (ties need none), then once more through buckets
// over the bulk of the members (an outlier had eaten the range), and at last through a radix sort, so that no data is
// worse than linear.
#include "kernel.h"

#define FIRST_BUDGET 1 // moves per member
#define SECOND_BUDGET 4
#define SAMPLES 32u
#define LARGEST_BUCKETED 65535u // counts are 16 bits wide

// Adding 2^52 rounds to a whole number and leaves it in the low bits.
#define ROUNDING 4503599627370496.0

INLINE void fillSlots(double lowest, double scale, int isClamped) {
  const v128_t low = wasm_f64x2_splat(lowest), factor = wasm_f64x2_splat(scale), rounding = wasm_f64x2_splat(ROUNDING);
  const v128_t zero = wasm_f64x2_splat(0), top = wasm_f64x2_splat(kernel.bucketCount - 1);
  const double *values = kernel.values;
  u16 *slots = kernel.slots;
  const u32 count = kernel.pathCount;
  for (u32 i = 0; i < count; i += 8) { // values are padded to whole cache lines
    v128_t bits[4];
    for (int j = 0; j < 4; j += 1) {
      v128_t x = wasm_f64x2_mul(wasm_f64x2_sub(wasm_v128_load(values + i + 2 * j), low), factor);
      if (isClamped) x = wasm_f64x2_pmin(wasm_f64x2_pmax(x, zero), top);
      bits[j] = wasm_f64x2_add(x, rounding);
    }
    v128_t first = wasm_i32x4_shuffle(bits[0], bits[1], 0, 2, 4, 6);
    v128_t second = wasm_i32x4_shuffle(bits[2], bits[3], 0, 2, 4, 6);
    wasm_v128_store(slots + i, wasm_u16x8_narrow_i32x4(first, second));
  }
}

// Counts to start positions; clears the counts. Answers the largest count.
static u32 sumCounts(void) {
  const v128_t zero = wasm_i16x8_splat(0);
  const u32 bucketCount = kernel.bucketCount;
  u16 *counts = kernel.counts, *ends = kernel.ends;
  v128_t carry = zero, largest = zero;
  for (u32 i = 0; i < bucketCount; i += 8) {
    v128_t count = wasm_v128_load(counts + i);
    wasm_v128_store(counts + i, zero);
    largest = wasm_u16x8_max(largest, count);
    v128_t sum = wasm_i16x8_add(count, wasm_i16x8_shuffle(zero, count, 7, 8, 9, 10, 11, 12, 13, 14));
    sum = wasm_i16x8_add(sum, wasm_i16x8_shuffle(zero, sum, 6, 7, 8, 9, 10, 11, 12, 13));
    sum = wasm_i16x8_add(sum, wasm_i16x8_shuffle(zero, sum, 4, 5, 6, 7, 8, 9, 10, 11));
    wasm_v128_store(ends + i, wasm_i16x8_sub(wasm_i16x8_add(sum, carry), count));
    carry = wasm_i16x8_add(carry, wasm_i16x8_shuffle(sum, sum, 7, 7, 7, 7, 7, 7, 7, 7));
  }
  largest = wasm_u16x8_max(largest, wasm_i64x2_shuffle(largest, largest, 1, 0));
  largest = wasm_u16x8_max(largest, wasm_i32x4_shuffle(largest, largest, 1, 0, 3, 2));
  u32 even = wasm_u16x8_extract_lane(largest, 0), odd = wasm_u16x8_extract_lane(largest, 1);
  return even > odd ? even : odd;
}

// Scatters the values into the lane by bucket; afterwards `ends` holds where each bucket ends.
static u32 scatter(double *lane) {
  const u32 count = kernel.pathCount;
  const u16 *slots = kernel.slots;
  const double *values = kernel.values;
  u16 *counts = kernel.counts, *ends = kernel.ends;
  u32 i = 0;
  for (; i + 4 <= count; i += 4) {
    counts[slots[i]] += 1;
    counts[slots[i + 1]] += 1;
    counts[slots[i + 2]] += 1;
    counts[slots[i + 3]] += 1;
  }
  for (; i < count; i += 1) counts[slots[i]] += 1;
  const u32 largest = sumCounts();
  for (i = 0; i + 4 <= count; i += 4) {
    lane[2 * ends[slots[i]]++] = values[i];
    lane[2 * ends[slots[i + 1]]++] = values[i + 1];
    lane[2 * ends[slots[i + 2]]++] = values[i + 2];
    lane[2 * ends[slots[i + 3]]++] = values[i + 3];
  }
  for (; i < count; i += 1) lane[2 * ends[slots[i]]++] = values[i];
  return largest;
}

// Answers 0 when the budget of moves is used up; the lane then still holds every value.
static u32 insertionSort(double *lane, int budget) {
  const u32 count = kernel.pathCount;
  double last = lane[0];
  for (u32 i = 1; i < count; i += 1) {
    double x = lane[2 * i];
    if (!(x < last)) {
      last = x;
      continue;
    }
    u32 j = i;
    do {
      lane[2 * j] = lane[2 * j - 2];
      j -= 1;
    } while (j > 0 && x < lane[2 * j - 2]);
    lane[2 * j] = x;
    budget -= (int)(i - j);
    if (budget < 0) return 0;
  }
  return 1;
}

struct Range {
  double lowest, highest;
};

// Where the bulk of the members lies, from a few of them; what lies outside goes into the first and last bucket.
static struct Range bulkRange(void) {
  double sample[SAMPLES];
  for (u32 i = 0; i < SAMPLES; i += 1) {
    double x = kernel.values[(u32)((unsigned long long)i * kernel.pathCount / SAMPLES)];
    u32 j = i;
    for (; j > 0 && x < sample[j - 1]; j -= 1) sample[j] = sample[j - 1];
    sample[j] = x;
  }
  const double low = sample[SAMPLES / 8], high = sample[SAMPLES - 1 - SAMPLES / 8], margin = 1.5 * (high - low);
  struct Range range = {low - margin, high + margin};
  return range;
}

// 0 where the range is too narrow to divide or too wide to subtract.
static double bucketScale(double lowest, double highest) {
  double scale = (kernel.bucketCount - 1) / (highest - lowest);
  return scale < __builtin_inf() ? scale : 0;
}

static u32 sortByBuckets(const struct Summary *summary, double *lane) {
  const int count = (int)kernel.pathCount;
  if (count > (int)LARGEST_BUCKETED) return 0;
  fillSlots(summary->lowest, bucketScale(summary->lowest, summary->highest), 0);
  if (scatter(lane) <= WINDOW + 1 || insertionSort(lane, FIRST_BUDGET * count)) return 1;
  const struct Range bulk = bulkRange();
  const double scale = bucketScale(bulk.lowest, bulk.highest);
  if (scale == 0) return 0;
  fillSlots(bulk.lowest, scale, 1);
  return scatter(lane) <= WINDOW + 1 || insertionSort(lane, SECOND_BUDGET * count);
}

void sortIntoLane(const struct Summary *summary, u32 lane) {
  double *out = kernel.pair + lane;
  if (sortByBuckets(summary, out)) return;
  radixSort(kernel.pathCount);
  for (u32 i = 0; i < kernel.pathCount; i += 1) out[2 * i] = kernel.values[i];
}

#define RADIX_BITS 8
#define RADIX 256
#define DIGITS 8
#define SIGN 0x8000000000000000ull

typedef unsigned long long __attribute__((may_alias)) bits64;

static u32 digitCounts[DIGITS][RADIX];

void radixSort(u32 count) {
  bits64 *source = (bits64 *)kernel.values, *target = (bits64 *)kernel.scratch;
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
  kernel.values = (double *)source;
  kernel.scratch = (double *)target;
}
