// Sorting one term by proportional buckets: value -> bucket number is monotone, so after scattering by bucket only
// members of the same bucket can be out of order, and the walk's window mends that when no bucket is crowded.
// Crowded buckets (ties, fat tails, an outlier that eats the range) go through insertion sort with a budget, then
// through narrower ranges, and at last through a merge sort, so that no data makes it quadratic.
#include "kernel.h"

#define INSERTION_BUDGET 4  // moves per member
#define RANGE_ROUNDS 3
#define TAIL_SHARE 64       // a narrower range leaves 1/64 of the members outside at each end
#define LARGEST_BUCKETED 65535u // counts are 16 bits wide
#define MERGE_RUN 16

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
static u32 insertionSort(double *lane) {
  const u32 count = kernel.pathCount;
  int budget = INSERTION_BUDGET * (int)count;
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

// First bucket whose end lies beyond `position`.
static u32 bucketAt(u32 position) {
  u32 low = 0, high = kernel.bucketCount - 1;
  while (low < high) {
    u32 middle = (low + high) / 2;
    if (kernel.ends[middle] > position) high = middle;
    else low = middle + 1;
  }
  return low;
}

void sortIntoLane(const struct Summary *summary, u32 lane) {
  double *out = kernel.pair + lane;
  const u32 count = kernel.pathCount;
  if (count <= LARGEST_BUCKETED) {
    double lowest = summary->lowest, highest = summary->highest;
    for (u32 round = 0; round < RANGE_ROUNDS; round += 1) {
      double scale = (kernel.bucketCount - 1) / (highest - lowest);
      if (!(scale < __builtin_inf())) scale = 0; // all equal, or a range too small to divide
      if (round == 0) fillSlots(lowest, scale, 0);
      else fillSlots(lowest, scale, 1);
      if (scatter(out) <= WINDOW + 1 || insertionSort(out)) return;
      if (scale == 0) break;
      double low = (double)bucketAt(count / TAIL_SHARE) - 1, high = (double)bucketAt(count - 1 - count / TAIL_SHARE) + 1;
      if (2 * (high - low) > kernel.bucketCount) break; // hardly narrower: crowded in another way
      highest = lowest + high / scale;
      lowest = lowest + low / scale;
    }
  }
  mergeSort(count);
  for (u32 i = 0; i < count; i += 1) out[2 * i] = kernel.values[i];
}

void mergeSort(u32 count) {
  double *source = kernel.values, *target = kernel.scratch;
  for (u32 start = 0; start < count; start += MERGE_RUN) {
    u32 end = start + MERGE_RUN < count ? start + MERGE_RUN : count;
    for (u32 i = start + 1; i < end; i += 1) {
      double x = source[i];
      u32 j = i;
      for (; j > start && x < source[j - 1]; j -= 1) source[j] = source[j - 1];
      source[j] = x;
    }
  }
  for (u32 width = MERGE_RUN; width < count; width *= 2) {
    for (u32 start = 0; start < count; start += 2 * width) {
      u32 middle = start + width < count ? start + width : count;
      u32 end = middle + width < count ? middle + width : count;
      u32 left = start, right = middle, out = start;
      while (left < middle && right < end) {
        double a = source[left], b = source[right];
        u32 isRight = b < a;
        target[out++] = isRight ? b : a;
        right += isRight;
        left += 1 - isRight;
      }
      while (left < middle) target[out++] = source[left++];
      while (right < end) target[out++] = source[right++];
    }
    double *swap = source;
    source = target;
    target = swap;
  }
  kernel.values = source;
  kernel.scratch = target;
}
