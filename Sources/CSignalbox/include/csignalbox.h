// C helpers of the matcher: what Swift cannot say well (SIMD masks, instructions chosen at run time).
#ifndef CSIGNALBOX_H
#define CSIGNALBOX_H

#include <stddef.h>
#include <stdint.h>

/// What `sb_index_json` found out about a text.
typedef struct {
  /// How many positions were written.
  uint32_t count;
  /// Where the first broken byte is, or UINT32_MAX: a control character or a bad escape in a string, bad UTF-8, a
  /// character that is no white space between tokens, a string that never ends (then: the length of the text).
  uint32_t error_offset;
  /// Whether any string holds a backslash.
  uint32_t has_escapes;
} sb_json_index;

/// Writes the positions of all tokens of a JSON text: brackets, colons and commas outside strings, the opening quotes of
/// strings, and the first bytes of numbers and literals. `positions` must have room for `length` + 8 entries; two
/// entries with the value `length` end the list, and what is after those is undefined. `length` is less than 2^32 - 64.
/// The grammar between the tokens is the caller's to check.
sb_json_index sb_index_json(const uint8_t *bytes, size_t length, uint32_t *positions);

/// The instruction set that `sb_index_json` uses on this machine: "avx2", "sse2", "neon" or "scalar".
const char *sb_index_json_level(void);

/// Makes `sb_index_json` use another instruction set from the next text on: for benchmarks and tests, which compare them.
/// Returns 0, or -1 if this machine or this build does not have the level.
int sb_set_simd_level(const char *level);

/// The offset of the first place where `wanted` occurs in `text`, or -1.
ptrdiff_t sb_find(const uint8_t *text, size_t length, const uint8_t *wanted, size_t wanted_length);

#endif
