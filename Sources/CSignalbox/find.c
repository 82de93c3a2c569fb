// Finding a short text in another: where its first and last byte both stand at the right distance, compare the rest.
// That is quick, but not in proportion to the text whatever both hold; so long texts are memmem's, which is.

#define _GNU_SOURCE  // memmem

#include "csignalbox.h"

#include <string.h>

static ptrdiff_t find_in_long_text(const uint8_t *text, size_t length, const uint8_t *wanted, size_t wanted_length) {
  const uint8_t *found = memmem(text, length, wanted, wanted_length);
  return found == NULL ? -1 : found - text;
}

#if defined(__x86_64__)

#include <emmintrin.h>

/// Which of sixteen places could begin the wanted text. Reads `wanted_length` + 15 bytes from the first place on.
static inline uint32_t candidates(const uint8_t *place, size_t wanted_length, __m128i first, __m128i last) {
  const __m128i begins = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)place), first);
  const __m128i ends =
      _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)(place + wanted_length - 1)), last);
  return (uint32_t)_mm_movemask_epi8(_mm_and_si128(begins, ends));
}

ptrdiff_t sb_find(const uint8_t *text, size_t length, const uint8_t *wanted, size_t wanted_length) {
  if (wanted_length == 0) return 0;
  if (wanted_length > length) return -1;
  if (length > 1024) return find_in_long_text(text, length, wanted, wanted_length);
  const size_t places = length - wanted_length + 1;
  size_t place = 0;
  if (places >= 16) {
    const __m128i first = _mm_set1_epi8((char)wanted[0]);
    const __m128i last = _mm_set1_epi8((char)wanted[wanted_length - 1]);
    while (place < places) {
      // The last step goes back, so that it reads nothing outside the text.
      if (place + 16 > places) place = places - 16;
      for (uint32_t bits = candidates(text + place, wanted_length, first, last); bits != 0; bits &= bits - 1) {
        const size_t at = place + (size_t)__builtin_ctz(bits);
        if (memcmp(text + at, wanted, wanted_length) == 0) return (ptrdiff_t)at;
      }
      place += 16;
    }
    return -1;
  }
  for (; place < places; place++) {
    if (text[place] == wanted[0] && memcmp(text + place, wanted, wanted_length) == 0) return (ptrdiff_t)place;
  }
  return -1;
}

#else

ptrdiff_t sb_find(const uint8_t *text, size_t length, const uint8_t *wanted, size_t wanted_length) {
  return find_in_long_text(text, length, wanted, wanted_length);
}

#endif
