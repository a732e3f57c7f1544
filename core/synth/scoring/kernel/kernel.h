// The fast path of CRPS scoring. The readable reference is ../crps.ts; both must give the same bits.
//
// Life of a job: prepare -> the host writes rows into staging, loadRows (transposes) -> optionally
// appendVolatilities -> the host writes terms -> scoreTerms -> the host reads crps.
// Paths live as columns (one per point), so that a term is two streams of doubles.
#pragma once
#include <wasm_simd128.h>

typedef unsigned int u32;
typedef unsigned short u16;

#define EXPORT __attribute__((visibility("default")))
#define INLINE static inline __attribute__((always_inline))

// An element may stand at most this far behind its place after bucketing; the walk puts it right in passing.
#define WINDOW 5

struct Kernel {
  u32 pathCount, pointCount;
  u32 columnStride;   // doubles from column to column: an odd number of cache lines, so that columns spread over all sets
  u32 bucketCount;    // power of two
  double *staging;    // rows as the host gives them
  double *columns;    // one column per point, then the appended volatility columns
  double *values;     // the changes of one term, unsorted
  double *scratch;    // second buffer of the radix sort
  double *pair;       // two terms side by side (lane 0, lane 1), bucketed or sorted
  u16 *slots;         // bucket of each value
  u16 *counts, *ends; // per bucket; counts are all zero between two uses
  v128_t *weights;    // (F*F, (F-1)*(F-1)) before each member; one more of (1, 1)
  u32 weightsFor;
  int *from, *to;     // terms: column numbers; from < 0 takes the price itself
  double *observed, *crps;
  double *measures;   // rank, mean and variance of each term
};

extern struct Kernel kernel;

// What one pass over a term's values finds out.
struct Summary {
  double lowest, highest;
  u32 rank;     // how many members are not above the observed value
  u32 isFinite; // no NaN, and the range is a finite number
};

struct Summary gatherTerm(u32 term);
void measureTerm(u32 term, const struct Summary *summary);

// Puts kernel.values into kernel.pair + lane so that the window of the walk can finish the order.
void sortIntoLane(const struct Summary *summary, u32 lane);

// Sorts `count` of kernel.values in full, whatever they hold except NaN.
void radixSort(u32 count);
