// The walk over sorted members, two terms at a time: lane 0 is one term, lane 1 the next. Every lane adds the same
// products in the same order as the reference, so the bits are the same; only the terms run side by side.
#include "kernel.h"

// F is accumulated, as the validator does it; k/n differs in the last bits.
static void fillWeights(u32 count) {
  if (kernel.weightsFor == count) return;
  const double weight = 1.0 / (double)count;
  double cdf = 0;
  for (u32 i = 0; i < count; i += 1) {
    kernel.weights[i] = wasm_f64x2_make(cdf * cdf, (cdf - 1) * (cdf - 1));
    cdf += weight;
  }
  kernel.weights[count] = wasm_f64x2_splat(1); // an observed value above all members counts in full
  kernel.weightsFor = count;
}

// Keeps the WINDOW largest members seen so far and gives out the next smaller one: the order is mended in passing.
struct Window {
  v128_t kept[WINDOW];
};

INLINE v128_t pass(struct Window *window, v128_t x) {
  for (int i = 0; i < WINDOW; i += 1) {
    v128_t larger = wasm_f64x2_pmax(x, window->kept[i]);
    x = wasm_f64x2_pmin(window->kept[i], x);
    window->kept[i] = larger;
  }
  return x;
}

INLINE void openWindow(struct Window *window) {
  v128_t *pair = (v128_t *)kernel.pair;
  for (int i = 0; i < WINDOW; i += 1) pair[kernel.pathCount + i] = wasm_f64x2_splat(__builtin_inf());
  for (int i = 0; i < WINDOW; i += 1) window->kept[i] = wasm_f64x2_splat(-__builtin_inf());
  for (int i = 0; i < WINDOW; i += 1) pass(window, pair[i]);
}

#define BELOW_BOTH(w) wasm_i64x2_shuffle(w, w, 0, 0)
#define ABOVE_FIRST(w) wasm_i64x2_shuffle(w, w, 1, 0)
#define ABOVE_SECOND(w) (w)
#define ABOVE_BOTH(w) wasm_i64x2_shuffle(w, w, 1, 1)

#define WALK_TO(end, CHOOSE)                                                                                           \
  for (; i < (end); i += 1) {                                                                                          \
    v128_t member = pass(&window, pair[i + WINDOW]), w = weights[i];                                                   \
    integral = wasm_f64x2_add(integral, wasm_f64x2_mul(wasm_f64x2_sub(member, previous), CHOOSE(w)));                  \
    previous = member;                                                                                                 \
  }

// At its rank a lane takes the observed value as one more step, weighted from below.
#define CROSS(lane, value)                                                                                             \
  {                                                                                                                    \
    double step = (value) - wasm_f64x2_extract_lane(previous, lane);                                                   \
    double sum = wasm_f64x2_extract_lane(integral, lane) + step * wasm_f64x2_extract_lane(weights[i], 0);              \
    integral = wasm_f64x2_replace_lane(integral, lane, sum);                                                           \
    previous = wasm_f64x2_replace_lane(previous, lane, value);                                                         \
  }

static void walkPair(u32 firstTerm, u32 secondTerm, u32 firstRank, u32 secondRank) {
  const double firstObserved = kernel.observed[firstTerm], secondObserved = kernel.observed[secondTerm];
  const v128_t *pair = (const v128_t *)kernel.pair, *weights = kernel.weights;
  struct Window window;
  v128_t integral = wasm_f64x2_splat(0), previous = integral;
  u32 i = 0;
  openWindow(&window);
  if (firstRank <= secondRank) {
    WALK_TO(firstRank, BELOW_BOTH)
    CROSS(0, firstObserved)
    WALK_TO(secondRank, ABOVE_FIRST)
    CROSS(1, secondObserved)
  } else {
    WALK_TO(secondRank, BELOW_BOTH)
    CROSS(1, secondObserved)
    WALK_TO(firstRank, ABOVE_SECOND)
    CROSS(0, firstObserved)
  }
  WALK_TO(kernel.pathCount, ABOVE_BOTH)
  kernel.crps[firstTerm] = wasm_f64x2_extract_lane(integral, 0);
  kernel.crps[secondTerm] = wasm_f64x2_extract_lane(integral, 1);
}

// For members that are NaN or infinite: drop the NaN, sort in full, walk one by one.
static double walkUneven(u32 term) {
  double *values = kernel.values;
  u32 count = 0;
  for (u32 i = 0; i < kernel.pathCount; i += 1) {
    double x = values[i];
    values[count] = x;
    count += x == x;
  }
  if (count == 0) return __builtin_nan("");
  radixSort(count);
  values = kernel.values;
  const double observed = kernel.observed[term], weight = 1.0 / (double)count;
  double integral = 0, cdf = 0, previous = 0, passed = 0;
  for (u32 i = 0; i < count; i += 1) {
    double x = values[i];
    if (passed == 0 && observed < x) {
      integral += (observed - previous) * (cdf * cdf);
      integral += (x - observed) * ((cdf - 1) * (cdf - 1));
      passed = 1;
    } else {
      integral += (x - previous) * ((cdf - passed) * (cdf - passed));
    }
    cdf += weight;
    previous = x;
  }
  return passed == 0 ? integral + (observed - previous) : integral;
}

EXPORT void scoreTerms(u32 termCount, u32 isMeasured) {
  fillWeights(kernel.pathCount);
  u32 waiting = 0, waitingRank = 0, isWaiting = 0;
  for (u32 term = 0; term < termCount; term += 1) {
    struct Summary summary = gatherTerm(term);
    if (isMeasured) measureTerm(term, &summary);
    if (!summary.isFinite) {
      kernel.crps[term] = walkUneven(term);
      continue;
    }
    sortIntoLane(&summary, isWaiting);
    if (isWaiting) {
      walkPair(waiting, term, waitingRank, summary.rank);
    } else {
      waiting = term;
      waitingRank = summary.rank;
    }
    isWaiting = !isWaiting;
  }
  if (isWaiting) {
    // An odd one out walks beside itself.
    for (u32 i = 0; i < kernel.pathCount; i += 1) kernel.pair[2 * i + 1] = kernel.pair[2 * i];
    walkPair(waiting, waiting, waitingRank, waitingRank);
  }
}

// Sorts two columns into `pair`, for tests and for timing the sort by itself.
EXPORT void sortPair(u32 firstColumn, u32 secondColumn) {
  for (u32 lane = 0; lane < 2; lane += 1) {
    kernel.from[0] = -1;
    kernel.to[0] = (int)(lane == 0 ? firstColumn : secondColumn);
    struct Summary summary = gatherTerm(0);
    sortIntoLane(&summary, lane);
  }
  struct Window window;
  openWindow(&window);
  v128_t *pair = (v128_t *)kernel.pair;
  for (u32 i = 0; i < kernel.pathCount; i += 1) pair[i] = pass(&window, pair[i + WINDOW]);
}
