// ../deflate-text.ts in fewer instructions.
#include "kernel.h"

typedef u32 __attribute__((aligned(1))) u32Anywhere;

// Each code: its bits in the upper half, how many they are in the lower; at most 8. `held` are bits that were written
// before and have not filled a byte. Answers the end: a whole byte, after the end of the block and an empty stored one.
EXPORT u8 *deflateText(u8 *out, const u8 *text, u32 length, const u32 *codes, u32 held, u32 heldBits) {
  u64 bits = held;
  u32 count = heldBits, i = 0;
  // Fewer than 32 bits are held and four codes bring at most 32.
  for (; i + 4 <= length; i += 4) {
    for (u32 j = 0; j < 4; j += 1) {
      const u32 code = codes[text[i + j]];
      bits |= (u64)(code >> 16) << count;
      count += code & 0xffff;
    }
    if (count >= 32) {
      *(u32Anywhere *)out = (u32)bits;
      out += 4;
      bits >>= 32;
      count -= 32;
    }
  }
  for (; i <= length; i += 1) {
    const u32 code = codes[i < length ? text[i] : 256];
    bits |= (u64)(code >> 16) << count;
    count += code & 0xffff;
  }
  count += 3; // not the last block, stored
  for (; count > 0; count = count > 8 ? count - 8 : 0) {
    *out++ = (u8)bits;
    bits >>= 8;
  }
  *out++ = 0;
  *out++ = 0;
  *out++ = 0xff;
  *out++ = 0xff;
  return out;
}
