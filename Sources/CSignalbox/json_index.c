// Finding the tokens of a JSON text 64 bytes at a time.
//
// Each block of 64 bytes becomes a handful of 64-bit masks, one bit a byte; everything else is arithmetic on masks
// (the idea of simdjson: Langdale and Lemire, "Parsing Gigabytes of JSON per Second").
//
//   bytes      { "a\"b" : [ 1, true ] }
//   quote      ..1..1.1.................     minus the escaped one
//   in_string  ..111111.................     from an opening quote up to its closing quote
//   operator   1........1.1..1.....1.1
//   tokens     1.1......1.1.11.1....1.1      operators, opening quotes, first bytes of scalars
//
// The masks come from SSE2, AVX2 or NEON, chosen when the first text is read.

#include "csignalbox.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

typedef struct {
  uint64_t quote, backslash, op, blank, control, non_ascii;
} block_masks;

// MARK: Masks of one block

#if defined(__x86_64__)

// One bit per byte whose top bit is set. The empty instruction keeps the comparison a vector: left alone, the compiler
// takes it apart into single bits and puts those together again.
static inline __attribute__((always_inline)) uint64_t bits_sse2(__m128i v) {
  __asm__("" : "+x"(v));
  return (uint32_t)_mm_movemask_epi8(v);
}

__attribute__((target("avx2,bmi,popcnt,lzcnt"))) static inline __attribute__((always_inline)) uint64_t bits_avx2(
    __m256i v) {
  __asm__("" : "+x"(v));
  return (uint32_t)_mm256_movemask_epi8(v);
}

static inline __attribute__((always_inline)) block_masks masks_sse2(const uint8_t *bytes) {
  block_masks m = {0, 0, 0, 0, 0, 0};
  for (int part = 0; part < 4; part++) {
    const __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(bytes + 16 * part));
    const __m128i folded = _mm_or_si128(v, _mm_set1_epi8(0x20));
    const __m128i op = _mm_or_si128(
        _mm_or_si128(_mm_cmpeq_epi8(folded, _mm_set1_epi8('{')), _mm_cmpeq_epi8(folded, _mm_set1_epi8('}'))),
        _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8(':')), _mm_cmpeq_epi8(v, _mm_set1_epi8(','))));
    // Unsigned v <= 0x20, and v <= 0x1F.
    const __m128i blank = _mm_cmpeq_epi8(_mm_max_epu8(v, _mm_set1_epi8(0x20)), _mm_set1_epi8(0x20));
    const __m128i control = _mm_cmpeq_epi8(_mm_max_epu8(v, _mm_set1_epi8(0x1F)), _mm_set1_epi8(0x1F));
    const int shift = 16 * part;
    m.quote |= bits_sse2(_mm_cmpeq_epi8(v, _mm_set1_epi8('"'))) << shift;
    m.backslash |= bits_sse2(_mm_cmpeq_epi8(v, _mm_set1_epi8('\\'))) << shift;
    m.op |= bits_sse2(op) << shift;
    m.blank |= bits_sse2(blank) << shift;
    m.control |= bits_sse2(control) << shift;
    m.non_ascii |= bits_sse2(v) << shift;
  }
  return m;
}

__attribute__((target("avx2,bmi,popcnt,lzcnt"))) static inline __attribute__((always_inline)) block_masks masks_avx2(
    const uint8_t *bytes) {
  block_masks m = {0, 0, 0, 0, 0, 0};
  for (int part = 0; part < 2; part++) {
    const __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)(bytes + 32 * part));
    const __m256i folded = _mm256_or_si256(v, _mm256_set1_epi8(0x20));
    const __m256i op = _mm256_or_si256(
        _mm256_or_si256(
            _mm256_cmpeq_epi8(folded, _mm256_set1_epi8('{')), _mm256_cmpeq_epi8(folded, _mm256_set1_epi8('}'))),
        _mm256_or_si256(_mm256_cmpeq_epi8(v, _mm256_set1_epi8(':')), _mm256_cmpeq_epi8(v, _mm256_set1_epi8(','))));
    const __m256i blank = _mm256_cmpeq_epi8(_mm256_max_epu8(v, _mm256_set1_epi8(0x20)), _mm256_set1_epi8(0x20));
    const __m256i control = _mm256_cmpeq_epi8(_mm256_max_epu8(v, _mm256_set1_epi8(0x1F)), _mm256_set1_epi8(0x1F));
    const int shift = 32 * part;
    m.quote |= bits_avx2(_mm256_cmpeq_epi8(v, _mm256_set1_epi8('"'))) << shift;
    m.backslash |= bits_avx2(_mm256_cmpeq_epi8(v, _mm256_set1_epi8('\\'))) << shift;
    m.op |= bits_avx2(op) << shift;
    m.blank |= bits_avx2(blank) << shift;
    m.control |= bits_avx2(control) << shift;
    m.non_ascii |= bits_avx2(v) << shift;
  }
  return m;
}

#elif defined(__aarch64__)

static inline uint64_t neon_movemask(uint8x16_t a, uint8x16_t b, uint8x16_t c, uint8x16_t d) {
  const uint8x16_t bit = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
  uint8x16_t ab = vpaddq_u8(vandq_u8(a, bit), vandq_u8(b, bit));
  uint8x16_t cd = vpaddq_u8(vandq_u8(c, bit), vandq_u8(d, bit));
  ab = vpaddq_u8(ab, cd);
  ab = vpaddq_u8(ab, ab);
  return vgetq_lane_u64(vreinterpretq_u64_u8(ab), 0);
}

static inline block_masks masks_neon(const uint8_t *bytes) {
  uint8x16_t v[4], q[4], s[4], o[4], w[4], c[4], n[4];
  for (int i = 0; i < 4; i++) {
    v[i] = vld1q_u8(bytes + 16 * i);
    const uint8x16_t folded = vorrq_u8(v[i], vdupq_n_u8(0x20));
    q[i] = vceqq_u8(v[i], vdupq_n_u8('"'));
    s[i] = vceqq_u8(v[i], vdupq_n_u8('\\'));
    o[i] = vorrq_u8(vorrq_u8(vceqq_u8(folded, vdupq_n_u8('{')), vceqq_u8(folded, vdupq_n_u8('}'))),
                    vorrq_u8(vceqq_u8(v[i], vdupq_n_u8(':')), vceqq_u8(v[i], vdupq_n_u8(','))));
    w[i] = vcleq_u8(v[i], vdupq_n_u8(0x20));
    c[i] = vcltq_u8(v[i], vdupq_n_u8(0x20));
    n[i] = vcgeq_u8(v[i], vdupq_n_u8(0x80));
  }
  block_masks m;
  m.quote = neon_movemask(q[0], q[1], q[2], q[3]);
  m.backslash = neon_movemask(s[0], s[1], s[2], s[3]);
  m.op = neon_movemask(o[0], o[1], o[2], o[3]);
  m.blank = neon_movemask(w[0], w[1], w[2], w[3]);
  m.control = neon_movemask(c[0], c[1], c[2], c[3]);
  m.non_ascii = neon_movemask(n[0], n[1], n[2], n[3]);
  return m;
}

#else

static inline block_masks masks_scalar(const uint8_t *bytes) {
  block_masks m = {0, 0, 0, 0, 0, 0};
  for (int i = 0; i < 64; i++) {
    const uint8_t byte = bytes[i];
    const uint64_t bit = 1ULL << i;
    if (byte == '"') m.quote |= bit;
    if (byte == '\\') m.backslash |= bit;
    if ((byte | 0x20) == '{' || (byte | 0x20) == '}' || byte == ':' || byte == ',') m.op |= bit;
    if (byte <= 0x20) m.blank |= bit;
    if (byte < 0x20) m.control |= bit;
    if (byte >= 0x80) m.non_ascii |= bit;
  }
  return m;
}

#endif

// MARK: Rare work, byte by byte

/// The length of the well-formed UTF-8 sequence of two to four bytes at the start of a text, or 0.
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

static int is_hex(uint8_t c) {
  return (uint8_t)(c - '0') < 10 || (uint8_t)((c | 0x20) - 'a') < 6;
}

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

static inline __attribute__((always_inline)) uint64_t prefix_xor(uint64_t mask) {
  mask ^= mask << 1;
  mask ^= mask << 2;
  mask ^= mask << 4;
  mask ^= mask << 8;
  mask ^= mask << 16;
  mask ^= mask << 32;
  return mask;
}

/// The bytes that a backslash before them escapes; `carry` says whether the last byte of the block was such a backslash.
static inline __attribute__((always_inline)) uint64_t escaped_bytes(uint64_t backslash, uint64_t *carry) {
  if (backslash == 0) {
    const uint64_t escaped = *carry;
    *carry = 0;
    return escaped;
  }
  const uint64_t even = 0x5555555555555555ULL;
  backslash &= ~*carry;
  const uint64_t follows = backslash << 1 | *carry;
  const uint64_t odd_starts = backslash & ~even & ~follows;
  uint64_t even_sequences;
  *carry = __builtin_add_overflow(odd_starts, backslash, &even_sequences);
  return (even ^ (even_sequences << 1)) & follows;
}

/// Appends the positions of the set bits. Writes in steps of eight, beyond the last bit too: a loop that ends at the last
/// bit mispredicts on nearly every block.
static inline __attribute__((always_inline)) uint32_t *write_positions(uint32_t *out, uint32_t start, uint64_t bits) {
  const int count = __builtin_popcountll(bits);
  for (int step = 0; step < count; step += 8) {
    for (int i = step; i < step + 8; i++) {
      out[i] = start + (uint32_t)__builtin_ctzll(bits | 1ULL << 63);
      bits &= bits - 1;
      __asm__("" : "+r"(bits));  // keeps the compiler from "vectorising" this into something three times as slow
    }
  }
  return out + count;
}

// MARK: The loop

// Written once, compiled for each level: `MASKS` makes the masks of a block, `ATTRIBUTES` names the instruction set.
#define DEFINE_INDEX(NAME, ATTRIBUTES, MASKS)                                                                          \
  ATTRIBUTES static sb_json_index NAME(const uint8_t *bytes, size_t length, uint32_t *positions) {                     \
    uint32_t *out = positions;                                                                                         \
    uint64_t escape_carry = 0, string_carry = 0, scalar_carry = 0;                                                     \
    size_t utf8_checked = 0;                                                                                           \
    uint32_t error = UINT32_MAX, has_escapes = 0;                                                                      \
    uint8_t tail[64];                                                                                                  \
    for (size_t start = 0; start < length; start += 64) {                                                              \
      const uint8_t *block = bytes + start;                                                                            \
      if (start + 64 > length) {                                                                                       \
        memset(tail, ' ', sizeof tail);                                                                                \
        memcpy(tail, block, length - start);                                                                           \
        block = tail;                                                                                                  \
      }                                                                                                                \
      const block_masks m = MASKS(block);                                                                              \
      const uint64_t escaped = escaped_bytes(m.backslash, &escape_carry);                                              \
      const uint64_t quote = m.quote & ~escaped;                                                                       \
      const uint64_t in_string = prefix_xor(quote) ^ string_carry;                                                     \
      string_carry = (uint64_t)((int64_t)in_string >> 63);                                                             \
      /* First bytes of scalars: neither operator nor blank nor after one. Closing quotes are in no mask. */           \
      const uint64_t scalar = ~(m.op | m.blank);                                                                  \
      const uint64_t plain = scalar & ~quote;                                                                          \
      const uint64_t follows_plain = plain << 1 | scalar_carry;                                                        \
      scalar_carry = plain >> 63;                                                                                      \
      const uint64_t string_tail = in_string ^ quote;                                                                  \
      uint64_t tokens = (m.op | (scalar & ~follows_plain)) & ~string_tail;                                        \
      uint64_t wrong = m.control & in_string;                                                                          \
      for (uint64_t c = m.control & ~in_string; c != 0; c &= c - 1) {                                                  \
        const int bit = __builtin_ctzll(c);                                                                            \
        if (block[bit] != '\n' && block[bit] != '\r' && block[bit] != '\t') wrong |= 1ULL << bit;                      \
      }                                                                                                                \
      if (m.backslash | escaped) {                                                                                     \
        has_escapes = 1;                                                                                               \
        for (uint64_t e = escaped & in_string; e != 0; e &= e - 1) {                                                   \
          const int bit = __builtin_ctzll(e);                                                                          \
          if (start + (size_t)bit < length && !escape_is_valid(bytes, start + (size_t)bit, length))                    \
            wrong |= 1ULL << bit;                                                                                      \
        }                                                                                                              \
      }                                                                                                                \
      if (m.non_ascii) {                                                                                               \
        size_t at = utf8_checked > start ? utf8_checked : start;                                                       \
        const size_t end = start + 64 < length ? start + 64 : length;                                                  \
        while (at < end) {                                                                                             \
          if (bytes[at] < 0x80) {                                                                                      \
            at++;                                                                                                      \
            continue;                                                                                                  \
          }                                                                                                            \
          const size_t sequence = utf8_sequence(bytes + at, length - at);                                              \
          if (sequence == 0) {                                                                                         \
            wrong |= 1ULL << (at - start);                                                                             \
            break;                                                                                                     \
          }                                                                                                            \
          at += sequence;                                                                                              \
        }                                                                                                              \
        utf8_checked = at;                                                                                             \
      }                                                                                                                \
      out = write_positions(out, (uint32_t)start, tokens);                                                             \
      if (wrong) {                                                                                                     \
        error = (uint32_t)start + (uint32_t)__builtin_ctzll(wrong);                                                    \
        string_carry = 0;                                                                                              \
        break;                                                                                                         \
      }                                                                                                                \
    }                                                                                                                  \
    if (string_carry) error = (uint32_t)length;                                                                        \
    out[0] = (uint32_t)length;                                                                                         \
    out[1] = (uint32_t)length;                                                                                         \
    sb_json_index index = {(uint32_t)(out - positions), error, has_escapes};                                           \
    return index;                                                                                                      \
  }

#if defined(__x86_64__)

DEFINE_INDEX(index_sse2, , masks_sse2)
DEFINE_INDEX(index_avx2, __attribute__((target("avx2,bmi,popcnt,lzcnt"))), masks_avx2)

static int avx2_known = -1;

static int supports_avx2(void) {
  __builtin_cpu_init();
  // Everything the attributes of `index_avx2` name: the compiler may use any of it.
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt") &&
         __builtin_cpu_supports("lzcnt");
}

static int has_avx2(void) {
  int value = __atomic_load_n(&avx2_known, __ATOMIC_RELAXED);
  if (value < 0) {
    value = supports_avx2();
    __atomic_store_n(&avx2_known, value, __ATOMIC_RELAXED);
  }
  return value;
}

int sb_set_simd_level(const char *level) {
  int value;
  if (strcmp(level, "sse2") == 0) value = 0;
  else if (strcmp(level, "avx2") == 0 && supports_avx2()) value = 1;
  else return -1;
  __atomic_store_n(&avx2_known, value, __ATOMIC_RELAXED);
  return 0;
}

sb_json_index sb_index_json(const uint8_t *bytes, size_t length, uint32_t *positions) {
  return has_avx2() ? index_avx2(bytes, length, positions) : index_sse2(bytes, length, positions);
}

const char *sb_index_json_level(void) { return has_avx2() ? "avx2" : "sse2"; }

#elif defined(__aarch64__)

DEFINE_INDEX(index_neon, , masks_neon)

sb_json_index sb_index_json(const uint8_t *bytes, size_t length, uint32_t *positions) {
  return index_neon(bytes, length, positions);
}

const char *sb_index_json_level(void) { return "neon"; }

int sb_set_simd_level(const char *level) { return strcmp(level, "neon") == 0 ? 0 : -1; }

#else

DEFINE_INDEX(index_scalar, , masks_scalar)

sb_json_index sb_index_json(const uint8_t *bytes, size_t length, uint32_t *positions) {
  return index_scalar(bytes, length, positions);
}

const char *sb_index_json_level(void) { return "scalar"; }

int sb_set_simd_level(const char *level) { return strcmp(level, "scalar") == 0 ? 0 : -1; }

#endif
