// Ranking by proportional buckets: sums that look like the targets spread evenly enough for a short insertion sort.
#include "kernel.h"

#define BUCKETS 2048u
#define HALF_RANGE 6.0 // deviations on either side that get buckets of their own

static u16 ends[BUCKETS + 8];


// Behind `out`, the host leaves room for what ranking needs: count doubles and twice count half-words.
EXPORT u32 rankScratchDoubles(u32 count) { return count + (count + 7) / 8 * 4 + 16; }

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

INLINE int isBefore(double a, u32 pathA, double b, u32 pathB) { return a < b || (a == b && pathA < pathB); }

// Merge sort of what buckets left, for sums that crowd into few of them. Runs are insertion sorted already.
static void siftDown(double *keys, u16 *paths, u32 root, u32 count) {
  const double key = keys[root];
  const u16 path = paths[root];
  for (;;) {
    u32 child = 2 * root + 1;
    if (child >= count) break;
    if (child + 1 < count && isBefore(keys[child], paths[child], keys[child + 1], paths[child + 1])) child += 1;
    if (!isBefore(key, path, keys[child], paths[child])) break;
    keys[root] = keys[child];
    paths[root] = paths[child];
    root = child;
  }
  keys[root] = key;
  paths[root] = path;
}

static void heapSort(double *keys, u16 *paths, u32 count) {
  for (u32 i = count / 2; i-- > 0;) siftDown(keys, paths, i, count);
  for (u32 end = count; end-- > 1;) {
    const double key = keys[0];
    const u16 path = paths[0];
    keys[0] = keys[end];
    paths[0] = paths[end];
    keys[end] = key;
    paths[end] = path;
    siftDown(keys, paths, 0, end);
  }
}

#define MOST_MOVES_PER_PATH 16u

// Answers whether it got done within its budget of moves.
static int insertionSort(double *keys, u16 *paths, u32 count) {
  u32 moves = 0;
  for (u32 i = 1; i < count; i += 1) {
    const double key = keys[i];
    const u16 path = paths[i];
    u32 j = i;
    for (; j > 0 && isBefore(key, path, keys[j - 1], paths[j - 1]); j -= 1) {
      keys[j] = keys[j - 1];
      paths[j] = paths[j - 1];
    }
    keys[j] = key;
    paths[j] = path;
    moves += i - j;
    if (moves > MOST_MOVES_PER_PATH * count) return 0;
  }
  return 1;
}

EXPORT void matchRanks(double *out, const double *sums, const double *targets, double scale, double *scratch, u32 count) {
  double *keys = scratch;
  u16 *paths = (u16 *)(scratch + count);
  u16 *slots = paths + (count + 7) / 8 * 8;
  const double perUnit = BUCKETS / (2 * HALF_RANGE * scale), top = BUCKETS - 1;
  for (u32 i = 0; i < BUCKETS; i += 8) wasm_v128_store(ends + i, wasm_i16x8_splat(0));
  for (u32 i = 0; i < count; i += 1) {
    double at = sums[i] * perUnit + BUCKETS / 2;
    at = at > 0 ? at : 0;
    at = at < top ? at : top;
    slots[i] = (u16)at;
    ends[slots[i]] += 1;
  }
  countToStarts();
  for (u32 i = 0; i < count; i += 1) {
    const u32 at = ends[slots[i]]++;
    keys[at] = sums[i];
    paths[at] = (u16)i;
  }
  if (!insertionSort(keys, paths, count)) heapSort(keys, paths, count);
  for (u32 i = 0; i < count; i += 1) out[paths[i]] = scale * targets[i] - keys[i];
}
