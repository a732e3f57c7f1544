// One arena behind the static data. It grows to the largest job seen and is laid out anew for each job.
#include "kernel.h"

struct Kernel kernel;
_Alignas(16) unsigned char bucketCounts[LARGEST_BUCKET_COUNT];
_Alignas(16) u16 bucketEnds[BEFORE_ENDS + LARGEST_BUCKET_COUNT];

extern unsigned char __heap_base;

#define PAGE_BYTES 65536u
#define SMALLEST_BUCKET_COUNT 64u

static u32 nextByte;

static void *take(u32 bytes) {
  void *start = (void *)nextByte;
  nextByte += (bytes + 63u) & ~63u;
  return start;
}

// The host has checked that the whole stays below 4 GiB. Answers 0 when there is no memory.
EXPORT u32 prepare(u32 pathCount, u32 pointCount, u32 extraColumns, u32 termCount, u32 stagingRows) {
  struct Kernel *k = &kernel;
  k->pathCount = pathCount;
  k->pointCount = pointCount;
  k->columnStride = (((pathCount + 7) / 8) | 1) * 8;
  // About two to four buckets per member: fewer make crowded buckets, more cost time in the prefix sum.
  k->bucketCount = SMALLEST_BUCKET_COUNT;
  while (k->bucketCount < 2 * pathCount && k->bucketCount < LARGEST_BUCKET_COUNT) k->bucketCount *= 2;

  nextByte = ((u32)&__heap_base + 63u) & ~63u;
  k->below = take(8 * (pathCount + 1));
  k->above = take(8 * pathCount);
  k->weightsFor = 0;
  k->gathered.values = take(8 * k->columnStride);
  k->counted.values = take(8 * k->columnStride);
  k->gathered.slots = take(2 * k->columnStride);
  k->counted.slots = take(2 * k->columnStride);
  k->scratch = take(8 * k->columnStride);
  k->lanes[0] = take(8 * (pathCount + WINDOW));
  k->lanes[1] = take(8 * (pathCount + WINDOW));
  k->crowded = take(k->bucketCount / 4);
  k->from = take(4 * termCount);
  k->to = take(4 * termCount);
  k->observed = take(8 * termCount);
  k->crps = take(8 * termCount);
  k->measures = take(24 * termCount);
  k->twins = take(4 * termCount);
  k->latest = take(4 * (pointCount + extraColumns));
  k->staging = take(8 * stagingRows * pointCount);
  k->columns = take(8 * k->columnStride * (pointCount + extraColumns));

  u32 pages = (nextByte + PAGE_BYTES - 1) / PAGE_BYTES;
  u32 present = __builtin_wasm_memory_size(0);
  if (pages > present && __builtin_wasm_memory_grow(0, pages - present) == (u32)-1) return 0;
  clearCounts();
  return 1;
}

EXPORT double *stagingAt(void) { return kernel.staging; }
EXPORT double *observedAt(void) { return kernel.observed; }
EXPORT double *crpsAt(void) { return kernel.crps; }
EXPORT double *measuresAt(void) { return kernel.measures; }
EXPORT double *laneAt(u32 lane) { return kernel.lanes[lane]; }
EXPORT int *fromAt(void) { return kernel.from; }
EXPORT int *toAt(void) { return kernel.to; }
