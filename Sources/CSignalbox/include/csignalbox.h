// C helpers of the matcher: what Swift cannot say well (SIMD masks, instructions chosen at run time).
#ifndef CSIGNALBOX_H
#define CSIGNALBOX_H

#include <stddef.h>
#include <stdint.h>

/// What `sb_find_json_quotes` found out about a text.
typedef struct {
  /// How many positions were written.
  uint32_t count;
  /// Where the first broken byte is, or UINT32_MAX: a control character or a bad escape in a string, or bad UTF-8.
  uint32_t error_offset;
  /// Whether there is any backslash.
  uint32_t has_escapes;
} sb_json_quotes;

/// Writes the positions of all quotes of a JSON text that begin or end a string, up to the first broken byte.
///
/// `positions` must have room for `length` + 64 entries; two entries with the value `length` end the list, and what is
/// after those is undefined. `length` is less than 2^32 - 64. The grammar outside strings is the caller's to check; an
/// odd number of quotes means that the last string never ends.
sb_json_quotes sb_find_json_quotes(const uint8_t *bytes, size_t length, uint32_t *positions);

/// As `sb_find_json_quotes`, for a text of many events of which few have backslashes: says where those are, one bit of
/// `escape_map` for every 64 bytes. The map has `length` / 4096 + 1 words.
sb_json_quotes sb_map_json_quotes(const uint8_t *bytes, size_t length, uint32_t *positions, uint64_t *escape_map);

/// The instruction set that `sb_find_json_quotes` uses: "avx512", "avx2", "sse2", "neon" or "scalar".
const char *sb_simd_level(void);

/// Makes `sb_find_json_quotes` use another instruction set from the next text on: for benchmarks and tests, which compare
/// them. Returns 0, or -1 if this machine or this build does not have the level.
int sb_set_simd_level(const char *name);

/// The offset of the first place where `wanted` occurs in `text`, or -1.
ptrdiff_t sb_find(const uint8_t *text, size_t length, const uint8_t *wanted, size_t wanted_length);

/// Asks the system to back memory with huge pages, if it has any. Start and length are multiples of their size (2 MiB);
/// what the memory held is lost.
void sb_prefer_huge_pages(void *start, size_t length);

/// Asks for the memory at an address, which will be read soon.
static inline __attribute__((always_inline)) void sb_prefetch(const void *address) { __builtin_prefetch(address); }

#endif
