// ../../forecast/check-answer-text.ts in fewer instructions: the rows of an answer, from the comma after its header on.
#include "kernel.h"

// Where each price begins is found by reading, not from what the writer did.
EXPORT u32 areRowsRight(const u8 *text, u32 length, u32 pathCount, u32 pointCount, const u8 *start, u32 startLength) {
  const u8 *at = text, *const textEnd = text + length;
  for (u32 path = 0; path < pathCount; path += 1) {
    // The last price and bracket of an answer are read before the end is looked at; the caller leaves room behind it.
    if (textEnd - at < 2 + (i32)startLength || at[0] != ',' || at[1] != '[') return 0;
    at += 2;
    for (u32 i = 0; i < startLength; i += 1) {
      if (at[i] != start[i]) return 0;
    }
    if (at[startLength] != ',' && at[startLength] != ']') return 0;
    for (u32 point = 0; point < pointCount; point += 1) {
      if (at >= textEnd) return 0;
      const u8 *const first = at;
      const u8 *dot = 0;
      u32 isPositive = 0;
      for (;; at += 1) {
        const u32 digit = (u32)*at - '0';
        if (digit <= 9) {
          isPositive |= digit;
        } else if (*at == '.' && dot == 0) {
          dot = at;
        } else {
          break;
        }
      }
      const u32 characters = (u32)(at - first), digits = characters - (dot != 0);
      const u32 whole = dot == 0 ? digits : (u32)(dot - first);
      if (whole == 0 || dot == at - 1 || (whole > 1 && *first == '0') || isPositive == 0 || digits > 8) return 0;
      if (*at != (point + 1 < pointCount ? ',' : ']')) return 0;
      at += 1;
    }
  }
  return at + 1 == textEnd && *at == ']';
}
