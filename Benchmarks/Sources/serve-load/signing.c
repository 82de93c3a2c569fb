#include "signing.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

// SHA-256 (FIPS 180-4), so that the client needs no library.

struct sha256 {
  uint32_t state[8];
  uint8_t block[64];
  uint64_t length;
};

static const uint32_t constants[64] = {
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01,
  0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
  0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
  0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08,
  0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
  0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotated(uint32_t x, int n) { return x >> n | x << (32 - n); }

static void absorb(struct sha256 *hash, const uint8_t *block) {
  uint32_t w[64];
  for (int i = 0; i < 16; i++)
    w[i] = (uint32_t)block[4 * i] << 24 | block[4 * i + 1] << 16 | block[4 * i + 2] << 8 | block[4 * i + 3];
  for (int i = 16; i < 64; i++) {
    uint32_t a = rotated(w[i - 15], 7) ^ rotated(w[i - 15], 18) ^ w[i - 15] >> 3;
    uint32_t b = rotated(w[i - 2], 17) ^ rotated(w[i - 2], 19) ^ w[i - 2] >> 10;
    w[i] = w[i - 16] + a + w[i - 7] + b;
  }
  uint32_t s[8];
  memcpy(s, hash->state, sizeof s);
  for (int i = 0; i < 64; i++) {
    uint32_t choice = (s[4] & s[5]) ^ (~s[4] & s[6]);
    uint32_t majority = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]);
    uint32_t one = s[7] + (rotated(s[4], 6) ^ rotated(s[4], 11) ^ rotated(s[4], 25)) + choice + constants[i] + w[i];
    uint32_t two = (rotated(s[0], 2) ^ rotated(s[0], 13) ^ rotated(s[0], 22)) + majority;
    memmove(s + 1, s, 7 * sizeof *s);
    s[4] += one;
    s[0] = one + two;
  }
  for (int i = 0; i < 8; i++) hash->state[i] += s[i];
}

static void begin(struct sha256 *hash) {
  static const uint32_t start[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
  };
  memcpy(hash->state, start, sizeof start);
  hash->length = 0;
}

static void add(struct sha256 *hash, const void *bytes, size_t count) {
  const uint8_t *next = bytes;
  while (count > 0) {
    size_t at = hash->length % 64, take = 64 - at < count ? 64 - at : count;
    if (take == 64) {
      absorb(hash, next);
    } else {
      memcpy(hash->block + at, next, take);
      if (at + take == 64) absorb(hash, hash->block);
    }
    hash->length += take;
    next += take;
    count -= take;
  }
}

static void end(struct sha256 *hash, uint8_t digest[32]) {
  uint64_t bits = hash->length * 8;
  static const uint8_t padding[64] = {0x80};
  add(hash, padding, (119 - hash->length % 64) % 64 + 1);
  uint8_t size[8];
  for (int i = 0; i < 8; i++) size[i] = (uint8_t)(bits >> (56 - 8 * i));
  add(hash, size, 8);
  for (int i = 0; i < 32; i++) digest[i] = (uint8_t)(hash->state[i / 4] >> (24 - 8 * (i % 4)));
}

static void hmac(const uint8_t *key, size_t key_length, const char *text, uint8_t digest[32]) {
  struct sha256 hash;
  uint8_t pad[64] = {0}, inner[32];
  memcpy(pad, key, key_length);
  for (int i = 0; i < 64; i++) pad[i] ^= 0x36;
  begin(&hash);
  add(&hash, pad, 64);
  add(&hash, text, strlen(text));
  end(&hash, inner);
  for (int i = 0; i < 64; i++) pad[i] ^= 0x36 ^ 0x5c;
  begin(&hash);
  add(&hash, pad, 64);
  add(&hash, inner, 32);
  end(&hash, digest);
}

static void hex_of(const void *bytes, size_t count, char hex[65]) {
  struct sha256 hash;
  uint8_t digest[32];
  begin(&hash);
  add(&hash, bytes, count);
  end(&hash, digest);
  for (int i = 0; i < 32; i++) sprintf(hex + 2 * i, "%02x", digest[i]);
}

// The key of a day, a Region and a service; the last few are remembered.
static const uint8_t *signing_key(const struct signer *signer, const char *date, const char *service) {
  static struct {
    char date[9], service[16];
    uint8_t key[32];
  } known[4];
  static int next;
  for (int i = 0; i < 4; i++)
    if (!strcmp(known[i].date, date) && !strcmp(known[i].service, service)) return known[i].key;
  char secret[60];
  int length = snprintf(secret, sizeof secret, "AWS4%s", signer->secret);
  uint8_t *key = known[next].key;
  snprintf(known[next].date, 9, "%s", date);
  snprintf(known[next].service, 16, "%s", service);
  next = (next + 1) % 4;
  uint8_t step[32];
  hmac((const uint8_t *)secret, (size_t)length, date, step);
  hmac(step, 32, signer->region, key);
  hmac(key, 32, service, step);
  hmac(step, 32, "aws4_request", key);
  return key;
}

size_t signed_request(
  char *out, const struct signer *signer, const struct operation *operation, const char *host, const char *body,
  size_t length
) {
  char time_text[17], payload[65], canonical[1024], digest[65], to_sign[512];
  time_t now = time(NULL);
  strftime(time_text, sizeof time_text, "%Y%m%dT%H%M%SZ", gmtime(&now));
  char date[9];
  snprintf(date, sizeof date, "%.8s", time_text);
  hex_of(body, length, payload);
  int count = snprintf(
    canonical, sizeof canonical,
    "POST\n/\n\ncontent-type:application/x-amz-json-%s\nhost:%s\nx-amz-date:%s\nx-amz-target:%s\n\n"
    "content-type;host;x-amz-date;x-amz-target\n%s",
    operation->json_version, host, time_text, operation->target, payload);
  hex_of(canonical, (size_t)count, digest);
  snprintf(
    to_sign, sizeof to_sign, "AWS4-HMAC-SHA256\n%s\n%s/%s/%s/aws4_request\n%s", time_text, date, signer->region,
    operation->service, digest);
  uint8_t signature[32];
  hmac(signing_key(signer, date, operation->service), 32, to_sign, signature);
  char signature_text[65];
  for (int i = 0; i < 32; i++) sprintf(signature_text + 2 * i, "%02x", signature[i]);
  size_t head = (size_t)sprintf(
    out,
    "POST / HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-amz-json-%s\r\nX-Amz-Target: %s\r\nX-Amz-Date: %s\r\n"
    "Authorization: AWS4-HMAC-SHA256 Credential=%s/%s/%s/%s/aws4_request, "
    "SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=%s\r\nContent-Length: %zu\r\n\r\n",
    host, operation->json_version, operation->target, time_text, signer->key, date, signer->region, operation->service,
    signature_text, length);
  memcpy(out + head, body, length);
  return head + length;
}
