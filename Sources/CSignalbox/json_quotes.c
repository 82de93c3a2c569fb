// Finding the strings of a JSON text 64 bytes at a time.
//
// All that the matcher wants to know beforehand is where strings begin and end: between strings every byte is
// grammar, and the matcher looks at each of those anyway. So a block of 64 bytes becomes two masks, one bit a byte
// (the idea is simdjson's: Langdale and Lemire, "Parsing Gigabytes of JSON per Second"):
//
//   bytes      {"eventName":"Put\"Object","n":1}
//   quote      .1.........1.1....1......1.1.1...
//   special    .................1...............      backslashes, control characters, bytes of 0x80 and more
//
// Most blocks have no special bytes, and then their quotes are the ends of strings. Else the block is looked at more
// closely: escaped quotes go, and escapes, control characters in strings and UTF-8 are checked.
//
// The masks come from AVX-512, AVX2, SSE2, NEON or plain C: the best that the machine has, chosen at the first text.

#include "csignalbox.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#define INLINE static inline __attribute__((always_inline))

typedef struct {
  uint64_t quote, special;
} block_masks;

// MARK: Blocks with special bytes

/// What is carried from block to block. Whether a block begins inside a string is not: an odd number of quotes before
/// it says so.
typedef struct {
  const uint8_t *bytes;
  size_t length;
  /// 1 if the last byte of the block before was a backslash that escapes.
  uint64_t escape_carry;
  /// Up to where UTF-8 has been checked: sequences may end in the next block.
  size_t utf8_checked;
  uint32_t has_escapes;
  /// One bit a block, set for those with backslashes or what they escape; may be NULL.
  uint64_t *escape_map;
} scan_state;

/// The length of the well-formed UTF-8 sequence of two to four bytes at the start of a text, or 0 (Unicode, table 3-7).
static size_t utf8_sequence(const uint8_t *s, size_t left) {
  const uint8_t a = s[0];
  if (a >= 0xC2 && a <= 0xDF) return left >= 2 && (s[1] & 0xC0) == 0x80 ? 2 : 0;
  if (a >= 0xE0 && a <= 0xEF) {
    if (left < 3 || (s[1] & 0xC0) != 0x80 || (s[2] & 0xC0) != 0x80) return 0;
    if (a == 0xE0 && s[1] < 0xA0) return 0;
    if (a == 0xED && s[1] > 0x9F) return 0;
    return 3;
  }
  if (a >= 0xF0 && a <= 0xF4) {
    if (left < 4 || (s[1] & 0xC0) != 0x80 || (s[2] & 0xC0) != 0x80 || (s[3] & 0xC0) != 0x80) return 0;
    if (a == 0xF0 && s[1] < 0x90) return 0;
    if (a == 0xF4 && s[1] > 0x8F) return 0;
    return 4;
  }
  return 0;
}

static int is_hex(uint8_t c) { return (uint8_t)(c - '0') < 10 || (uint8_t)((c | 0x20) - 'a') < 6; }

/// Whether the byte at an offset may follow a backslash (with its four digits, for `u`).
static int escape_is_valid(const uint8_t *bytes, size_t offset, size_t length) {
  switch (bytes[offset]) {
  case '"': case '\\': case '/': case 'b': case 'f': case 'n': case 'r': case 't': return 1;
  case 'u':
    return offset + 4 < length && is_hex(bytes[offset + 1]) && is_hex(bytes[offset + 2]) &&
           is_hex(bytes[offset + 3]) && is_hex(bytes[offset + 4]);
  default: return 0;
  }
}

/// Each bit becomes the parity of itself and all lower ones: between an odd and an even quote, ones.
INLINE uint64_t prefix_xor(uint64_t mask) {
  for (int shift = 1; shift < 64; shift *= 2) mask ^= mask << shift;
  return mask;
}

/// The bytes that a backslash before them escapes.
static uint64_t escaped_bytes(uint64_t backslash, uint64_t *carry) {
  const uint64_t even = 0x5555555555555555ULL;
  backslash &= ~*carry;
  const uint64_t follows = backslash << 1 | *carry;
  const uint64_t odd_starts = backslash & ~even & ~follows;
  uint64_t even_sequences;
  *carry = __builtin_add_overflow(odd_starts, backslash, &even_sequences);
  return (even ^ (even_sequences << 1)) & follows;
}

/// Checks the special bytes of a block and takes escaped quotes out of `quote`. Returns a mask of what is wrong.
static __attribute__((noinline)) uint64_t check_special(scan_state *state, const uint8_t *block, size_t start,
                                                        uint64_t special, int in_string, uint64_t *quote) {
  uint64_t backslash = 0, control = 0, high = 0;
  for (uint64_t rest = special; rest != 0; rest &= rest - 1) {
    const uint64_t bit = rest & -rest;
    const uint8_t byte = block[__builtin_ctzll(rest)];
    if (byte == '\\') backslash |= bit;
    else if (byte < 0x20) control |= bit;
    else high |= bit;
  }
  const uint64_t escaped = escaped_bytes(backslash, &state->escape_carry);
  *quote &= ~escaped;
  const uint64_t inside = prefix_xor(*quote) ^ (in_string ? ~0ULL : 0);
  uint64_t wrong = control & inside;
  if (backslash | escaped) {
    state->has_escapes = 1;
    if (state->escape_map != NULL) state->escape_map[start >> 12] |= 1ULL << (start >> 6 & 63);
    for (uint64_t rest = escaped & inside; rest != 0; rest &= rest - 1) {
      const size_t offset = start + (size_t)__builtin_ctzll(rest);
      if (offset < state->length && !escape_is_valid(state->bytes, offset, state->length)) wrong |= rest & -rest;
    }
  }
  for (uint64_t rest = high; rest != 0; rest &= rest - 1) {
    const size_t offset = start + (size_t)__builtin_ctzll(rest);
    if (offset < state->utf8_checked) continue;
    const size_t sequence = utf8_sequence(state->bytes + offset, state->length - offset);
    if (sequence == 0) wrong |= rest & -rest;
    state->utf8_checked = offset + (sequence ? sequence : 1);
  }
  return wrong;
}

// MARK: Masks of one block, and writing positions

/// Appends the positions of the set bits. Writes in steps of eight, beyond the last bit too: a loop that ends at the last
/// bit mispredicts on nearly every block.
INLINE uint32_t *write_positions(uint32_t *out, uint32_t start, uint64_t bits) {
  const int count = __builtin_popcountll(bits);
  for (int step = 0; step < count; step += 8) {
    for (int i = step; i < step + 8; i++) {
      uint32_t offset = (uint32_t)__builtin_ctzll(bits | 1ULL << 63);
      __asm__("" : "+r"(offset));  // keeps the compiler from "vectorising" this into something twice as slow
      out[i] = start + offset;
      bits &= bits - 1;
    }
  }
  return out + count;
}

INLINE block_masks masks_scalar(const uint8_t *bytes) {
  block_masks m = {0, 0};
  for (int i = 0; i < 64; i++) {
    const uint8_t byte = bytes[i];
    if (byte == '"') m.quote |= 1ULL << i;
    if (byte == '\\' || byte < 0x20 || byte >= 0x80) m.special |= 1ULL << i;
  }
  return m;
}

#if defined(__x86_64__)

#define AVX2 __attribute__((target("avx2,bmi,popcnt,lzcnt")))
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi2,avx2,bmi,popcnt,lzcnt")))

// One bit per byte whose top bit is set. The empty instruction keeps the comparison a vector: left alone, the compiler
// takes it apart into single bits and puts those together again.
INLINE uint64_t bits_sse2(__m128i v) {
  __asm__("" : "+x"(v));
  return (uint32_t)_mm_movemask_epi8(v);
}

INLINE block_masks masks_sse2(const uint8_t *bytes) {
  block_masks m = {0, 0};
  for (int part = 0; part < 4; part++) {
    const __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(bytes + 16 * part));
    // As signed numbers, control characters and bytes beyond ASCII are all that is less than a space.
    const __m128i odd = _mm_cmplt_epi8(v, _mm_set1_epi8(0x20));
    const __m128i special = _mm_or_si128(odd, _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
    m.quote |= bits_sse2(_mm_cmpeq_epi8(v, _mm_set1_epi8('"'))) << 16 * part;
    m.special |= bits_sse2(special) << 16 * part;
  }
  return m;
}

AVX2 INLINE uint64_t bits_avx2(__m256i v) {
  __asm__("" : "+x"(v));
  return (uint32_t)_mm256_movemask_epi8(v);
}

AVX2 INLINE block_masks masks_avx2(const uint8_t *bytes) {
  block_masks m = {0, 0};
  for (int part = 0; part < 2; part++) {
    const __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)(bytes + 32 * part));
    const __m256i odd = _mm256_cmpgt_epi8(_mm256_set1_epi8(0x20), v);
    const __m256i special = _mm256_or_si256(odd, _mm256_cmpeq_epi8(v, _mm256_set1_epi8('\\')));
    m.quote |= bits_avx2(_mm256_cmpeq_epi8(v, _mm256_set1_epi8('"'))) << 32 * part;
    m.special |= bits_avx2(special) << 32 * part;
  }
  return m;
}

AVX512 INLINE block_masks masks_avx512(const uint8_t *bytes) {
  const __m512i v = _mm512_loadu_si512((const void *)bytes);
  const block_masks m = {
      _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('"')),
      _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\\')) | _mm512_cmplt_epi8_mask(v, _mm512_set1_epi8(0x20)),
  };
  return m;
}

/// As `write_positions`, sixteen at a time.
AVX512 INLINE uint32_t *write_positions_avx512(uint32_t *out, uint32_t start, uint64_t bits) {
  static const uint8_t offsets[64] = {
      0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
      22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
      44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};
  const int count = (int)__builtin_popcountll(bits);
  const __m512i packed = _mm512_maskz_compress_epi8(bits, _mm512_loadu_si512((const void *)offsets));
  const __m512i base = _mm512_set1_epi32((int)start);
  _mm512_storeu_si512(out, _mm512_add_epi32(base, _mm512_cvtepu8_epi32(_mm512_castsi512_si128(packed))));
  if (count > 16) {
    _mm512_storeu_si512(out + 16, _mm512_add_epi32(base, _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(packed, 1))));
    if (count > 32) {
      _mm512_storeu_si512(out + 32, _mm512_add_epi32(base, _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(packed, 2))));
      _mm512_storeu_si512(out + 48, _mm512_add_epi32(base, _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(packed, 3))));
    }
  }
  return out + count;
}

#elif defined(__aarch64__)

INLINE uint64_t bits_neon(uint8x16_t a, uint8x16_t b, uint8x16_t c, uint8x16_t d) {
  const uint8x16_t bit = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
  uint8x16_t ab = vpaddq_u8(vandq_u8(a, bit), vandq_u8(b, bit));
  uint8x16_t cd = vpaddq_u8(vandq_u8(c, bit), vandq_u8(d, bit));
  ab = vpaddq_u8(ab, cd);
  ab = vpaddq_u8(ab, ab);
  return vgetq_lane_u64(vreinterpretq_u64_u8(ab), 0);
}

INLINE block_masks masks_neon(const uint8_t *bytes) {
  uint8x16_t q[4], s[4];
  for (int i = 0; i < 4; i++) {
    const uint8x16_t v = vld1q_u8(bytes + 16 * i);
    q[i] = vceqq_u8(v, vdupq_n_u8('"'));
    s[i] = vorrq_u8(vceqq_u8(v, vdupq_n_u8('\\')), vcltq_s8(vreinterpretq_s8_u8(v), vdupq_n_s8(0x20)));
  }
  const block_masks m = {bits_neon(q[0], q[1], q[2], q[3]), bits_neon(s[0], s[1], s[2], s[3])};
  return m;
}

#endif

// MARK: The loop

/// How far ahead memory is asked for, in bytes: some hundred nanoseconds' worth.
#define PREFETCH_DISTANCE 1024

/// One block: its quotes are written; the loop around it is left at the first broken byte.
#define BLOCK(MASKS, WRITE, BYTES)                                                                                     \
  const block_masks m = MASKS(BYTES);                                                                                  \
  uint64_t quote = m.quote;                                                                                            \
  uint64_t wrong = 0;                                                                                                  \
  if (m.special | state.escape_carry)                                                                                  \
    wrong = check_special(&state, BYTES, start, m.special, (int)((out - positions) & 1), &quote);                      \
  out = WRITE(out, (uint32_t)start, quote);                                                                            \
  if (wrong) {                                                                                                         \
    error = (uint32_t)start + (uint32_t)__builtin_ctzll(wrong);                                                        \
    break;                                                                                                             \
  }

// Written once, compiled for each level: `ATTRIBUTES` names the instruction set, `MASKS` makes the masks of a block,
// `WRITE` appends positions.
#define DEFINE_LEVEL(NAME, ATTRIBUTES, MASKS, WRITE)                                                                   \
  ATTRIBUTES static sb_json_quotes NAME(const uint8_t *bytes, size_t length, uint32_t *positions,                      \
                                        uint64_t *escape_map) {                                                        \
    uint32_t *out = positions;                                                                                         \
    uint32_t error = UINT32_MAX;                                                                                       \
    scan_state state = {bytes, length, 0, 0, 0, escape_map};                                                           \
    const size_t whole = length & ~(size_t)63;                                                                         \
    for (size_t start = 0; start < whole; start += 64) {                                                               \
      /* Events lie one after the other: beyond the end of this one the next is asked for. */                          \
      __builtin_prefetch(bytes + start + PREFETCH_DISTANCE);                                                           \
      BLOCK(MASKS, WRITE, bytes + start)                                                                               \
    }                                                                                                                  \
    if (whole < length && error == UINT32_MAX) {                                                                       \
      uint8_t tail[64];                                                                                                \
      memset(tail, ' ', sizeof tail);                                                                                  \
      memcpy(tail, bytes + whole, length - whole);                                                                     \
      for (size_t start = whole; start < length; start += 64) { BLOCK(MASKS, WRITE, tail) }                            \
    }                                                                                                                  \
    out[0] = (uint32_t)length;                                                                                         \
    out[1] = (uint32_t)length;                                                                                         \
    const sb_json_quotes quotes = {(uint32_t)(out - positions), error, state.has_escapes};                             \
    return quotes;                                                                                                     \
  }

DEFINE_LEVEL(find_scalar, , masks_scalar, write_positions)
static int always(void) { return 1; }

#if defined(__x86_64__)

DEFINE_LEVEL(find_sse2, , masks_sse2, write_positions)
DEFINE_LEVEL(find_avx2, AVX2, masks_avx2, write_positions)
DEFINE_LEVEL(find_avx512, AVX512, masks_avx512, write_positions_avx512)

// Everything the attributes name must be there: the compiler may use any of it.
static int has_avx2(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt") &&
         __builtin_cpu_supports("lzcnt");
}
static int has_avx512(void) {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi2");
}

#elif defined(__aarch64__)

DEFINE_LEVEL(find_neon, , masks_neon, write_positions)

#endif

// MARK: Levels

typedef struct {
  const char *name;
  sb_json_quotes (*find)(const uint8_t *, size_t, uint32_t *, uint64_t *);
  int (*is_supported)(void);
} simd_level;

/// Best first.
static const simd_level levels[] = {
#if defined(__x86_64__)
    {"avx512", find_avx512, has_avx512},
    {"avx2", find_avx2, has_avx2},
    {"sse2", find_sse2, always},
#elif defined(__aarch64__)
    {"neon", find_neon, always},
#endif
    {"scalar", find_scalar, always},
};

static const simd_level *chosen_level = NULL;

static const simd_level *level(void) {
  const simd_level *known = __atomic_load_n(&chosen_level, __ATOMIC_RELAXED);
  if (known == NULL) {
    known = levels;
    while (!known->is_supported()) known++;
    __atomic_store_n(&chosen_level, known, __ATOMIC_RELAXED);
  }
  return known;
}

sb_json_quotes sb_find_json_quotes(const uint8_t *bytes, size_t length, uint32_t *positions) {
  return level()->find(bytes, length, positions, NULL);
}

sb_json_quotes sb_map_json_quotes(const uint8_t *bytes, size_t length, uint32_t *positions, uint64_t *escape_map) {
  memset(escape_map, 0, (length / 4096 + 1) * sizeof *escape_map);
  return level()->find(bytes, length, positions, escape_map);
}

const char *sb_simd_level(void) { return level()->name; }

int sb_set_simd_level(const char *name) {
  for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
    if (strcmp(levels[i].name, name) != 0) continue;
    if (!levels[i].is_supported()) return -1;
    __atomic_store_n(&chosen_level, &levels[i], __ATOMIC_RELAXED);
    return 0;
  }
  return -1;
}
