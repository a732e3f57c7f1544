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
#define WINDOW 3

// Adding 2^52 rounds to a whole number and leaves it in the low bits.
#define ROUNDING 4503599627370496.0

// Value -> bucket number, which is monotone.
struct Buckets {
  double scale, offset, last; // offset and last with ROUNDING
};

// Bits whose lowest 16 are the bucket of each value. In this order of operands NaN goes into bucket 0.
INLINE v128_t bucketBits(const struct Buckets *buckets, v128_t x) {
  const v128_t scaled = wasm_f64x2_mul(x, wasm_f64x2_splat(buckets->scale));
  const v128_t place = wasm_f64x2_add(scaled, wasm_f64x2_splat(buckets->offset));
  return wasm_f64x2_pmin(wasm_f64x2_splat(buckets->last), wasm_f64x2_pmax(wasm_f64x2_splat(ROUNDING), place));
}

// Of sixteen buckets those with more members than the window can mend.
struct Crowded {
  u16 first, mask;
};

// One term between gathering and walking.
struct Members {
  u32 term;
  double *values; // unsorted
  u16 *slots;     // bucket of each value
  struct Buckets buckets;
  u32 isWhole; // 0 where so many members are in one place that a byte cannot count them
  u32 crowdedCount;
};

struct Kernel {
  u32 pathCount, pointCount;
  u32 columnStride; // doubles from column to column: an odd number of cache lines, so that columns spread over all sets
  u32 bucketCount;  // power of two
  double *staging;  // rows as the host gives them
  double *columns;  // one column per point, then the appended volatility columns
  struct Members gathered, counted; // the latest term, and the one before it
  double *scratch;          // second buffer of the radix sort
  double *lanes[2];         // the members of two terms, bucketed or sorted, and WINDOW more
  struct Crowded *crowded;
  double *below, *above;    // F*F and (F-1)*(F-1) before each member; one more of 1 below
  u32 weightsFor;
  int *from, *to;           // terms: column numbers; from < 0 takes the price itself
  double *observed, *crps;
  double *measures;         // rank, mean and variance of each term
  u32 *latest;              // the latest term with each `to`
  u32 *twins;               // for each term an earlier one that asks the same, or itself
};

extern struct Kernel kernel;

// Per bucket, at fixed addresses: the innermost loops then have one addition less for each.
#define LARGEST_BUCKET_COUNT 16384u
#define BEFORE_ENDS 8 // entries before the first bucket's; the last of them is 0, where that bucket starts
extern unsigned char bucketCounts[LARGEST_BUCKET_COUNT];   // members; all zero between two uses
extern u16 bucketEnds[BEFORE_ENDS + LARGEST_BUCKET_COUNT]; // where the bucket ends in its lane

// Fills kernel.gathered and the counts; scatters kernel.counted into the lane, if there is one.
void gatherTerm(u32 term, double *lane);

// Counts of kernel.gathered to start positions; clears the counts. The term becomes kernel.counted.
void sumCounts(void);

// Puts kernel.counted into the lane by bucket; afterwards the ends are those of the buckets.
void scatter(double *lane);

// Mean and variance of kernel.gathered into the measures of a term.
void measureTerm(u32 term);

struct Sorted {
  u32 rank;     // how many members are not above the observed value
  u32 isFinite; // every member is a finite number; otherwise the lane holds nothing
};

// Finishes the scattered kernel.counted in its lane so that the window of the walk can do the rest.
struct Sorted finishLane(double *lane, double observed);

void clearCounts(void);

// Sorts `count` of kernel.counted.values in full, whatever they hold except NaN.
void radixSort(u32 count);
