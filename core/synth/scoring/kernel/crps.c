// The walk over sorted members, two terms at a time: lane 0 is one term, lane 1 the next. Every lane adds the same
// products in the same order as the reference, so the bits are the same; only the terms run side by side.
#include "kernel.h"

// F is accumulated, as the validator does it; k/n differs in the last bits.
static void fillWeights(u32 count) {
  if (kernel.weightsFor == count) return;
  const double weight = 1.0 / (double)count;
  double cdf = 0;
  for (u32 i = 0; i < count; i += 1) {
    kernel.below[i] = cdf * cdf;
    kernel.above[i] = (cdf - 1) * (cdf - 1);
    cdf += weight;
  }
  kernel.below[count] = 1; // an observed value above all members counts in full
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

INLINE v128_t pairAt(const double *first, const double *second, u32 i) {
  return wasm_v128_load64_lane(second + i, wasm_v128_load64_zero(first + i), 1);
}

INLINE void openWindow(struct Window *window, double *first, double *second) {
  for (int i = 0; i < WINDOW; i += 1) first[kernel.pathCount + i] = second[kernel.pathCount + i] = __builtin_inf();
  for (int i = 0; i < WINDOW; i += 1) window->kept[i] = wasm_f64x2_splat(-__builtin_inf());
  for (int i = 0; i < WINDOW; i += 1) pass(window, pairAt(first, second, i));
}

#define BELOW_BOTH wasm_v128_load64_splat(below + i)
#define ABOVE_FIRST wasm_f64x2_make(above[i], below[i])
#define ABOVE_SECOND wasm_f64x2_make(below[i], above[i])
#define ABOVE_BOTH wasm_v128_load64_splat(above + i)

#define WALK_TO(end, WEIGHT)                                                                                           \
  for (; i < (end); i += 1) {                                                                                          \
    v128_t member = pass(&window, pairAt(first, second, i + WINDOW));                                                  \
    integral = wasm_f64x2_add(integral, wasm_f64x2_mul(wasm_f64x2_sub(member, previous), WEIGHT));                     \
    previous = member;                                                                                                 \
  }

// At its rank a lane takes the observed value as one more step, weighted from below.
#define CROSS(lane, value)                                                                                             \
  {                                                                                                                    \
    double step = (value) - wasm_f64x2_extract_lane(previous, lane);                                                   \
    double sum = wasm_f64x2_extract_lane(integral, lane) + step * below[i];                                            \
    integral = wasm_f64x2_replace_lane(integral, lane, sum);                                                           \
    previous = wasm_f64x2_replace_lane(previous, lane, value);                                                         \
  }

static void walkPair(u32 firstTerm, u32 secondTerm, u32 firstRank, u32 secondRank) {
  const double firstObserved = kernel.observed[firstTerm], secondObserved = kernel.observed[secondTerm];
  double *first = kernel.lanes[0], *second = secondTerm == firstTerm ? first : kernel.lanes[1];
  const double *below = kernel.below, *above = kernel.above;
  struct Window window;
  v128_t integral = wasm_f64x2_splat(0), previous = integral;
  u32 i = 0;
  openWindow(&window, first, second);
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
  double *values = kernel.counted.values;
  u32 count = 0;
  for (u32 i = 0; i < kernel.pathCount; i += 1) {
    double x = values[i];
    values[count] = x;
    count += x == x;
  }
  if (count == 0) return __builtin_nan("");
  radixSort(count);
  values = kernel.counted.values;
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

// A gap from the start may be the first change of another interval too. Answers an earlier term that asks the same, or
// the term itself. What `latest` holds is checked, so it needs no clearing.
static u32 findTwin(u32 term) {
  u32 *latest = kernel.latest + kernel.to[term];
  const u32 other = *latest;
  if (other < term && kernel.to[other] == kernel.to[term] && kernel.from[other] == kernel.from[term] &&
      kernel.observed[other] == kernel.observed[term])
    return other;
  *latest = term;
  return term;
}

static void copyTwins(u32 termCount, u32 isMeasured) {
  for (u32 term = 0; term < termCount; term += 1) {
    const u32 twin = kernel.twins[term];
    if (twin == term) continue;
    kernel.crps[term] = kernel.crps[twin];
    for (u32 i = 0; isMeasured && i < 3; i += 1) kernel.measures[3 * term + i] = kernel.measures[3 * twin + i];
  }
}

// Terms that are sorted and not yet walked: none, or one in lane 0.
struct Waiting {
  u32 count, term, rank;
};

static void finishTerm(struct Waiting *waiting, u32 isMeasured) {
  const u32 term = kernel.counted.term;
  const struct Sorted sorted = finishLane(kernel.lanes[waiting->count], kernel.observed[term]);
  if (isMeasured) {
    double *measures = kernel.measures + 3 * term;
    measures[0] = sorted.rank;
    if (!sorted.isFinite) measures[0] = measures[1] = measures[2] = __builtin_nan("");
  }
  if (!sorted.isFinite) {
    kernel.crps[term] = walkUneven(term);
  } else if (waiting->count == 1) {
    walkPair(waiting->term, term, waiting->rank, sorted.rank);
    waiting->count = 0;
  } else {
    waiting->count = 1;
    waiting->term = term;
    waiting->rank = sorted.rank;
  }
}

EXPORT void scoreTerms(u32 termCount, u32 isMeasured) {
  fillWeights(kernel.pathCount);
  struct Waiting waiting = {0, 0, 0};
  u32 isCounted = 0;
  for (u32 term = 0; term < termCount; term += 1) {
    kernel.twins[term] = findTwin(term);
    if (kernel.twins[term] != term) continue;
    gatherTerm(term, isCounted && kernel.counted.isWhole ? kernel.lanes[waiting.count] : 0);
    kernel.gathered.term = term;
    if (isMeasured) measureTerm(term);
    if (isCounted) finishTerm(&waiting, isMeasured);
    sumCounts();
    isCounted = 1;
  }
  if (isCounted) {
    if (kernel.counted.isWhole) scatter(kernel.lanes[waiting.count]);
    finishTerm(&waiting, isMeasured);
  }
  // An odd one out walks beside itself.
  if (waiting.count == 1) walkPair(waiting.term, waiting.term, waiting.rank, waiting.rank);
  copyTwins(termCount, isMeasured);
}

// Sorts two columns into the lanes, for tests and for timing the sort by itself.
EXPORT void sortPair(u32 firstColumn, u32 secondColumn) {
  double *first = kernel.lanes[0], *second = kernel.lanes[1];
  for (u32 lane = 0; lane < 2; lane += 1) {
    kernel.from[0] = -1;
    kernel.to[0] = (int)(lane == 0 ? firstColumn : secondColumn);
    gatherTerm(0, 0);
    sumCounts();
    if (kernel.counted.isWhole) scatter(kernel.lanes[lane]);
    finishLane(kernel.lanes[lane], 0);
  }
  struct Window window;
  openWindow(&window, first, second);
  for (u32 i = 0; i < kernel.pathCount; i += 1) {
    const v128_t member = pass(&window, pairAt(first, second, i + WINDOW));
    first[i] = wasm_f64x2_extract_lane(member, 0);
    second[i] = wasm_f64x2_extract_lane(member, 1);
  }
}
