// Requests of AWS's JSON protocols, signed with Signature Version 4.

#ifndef SIGNING_H
#define SIGNING_H

#include <stddef.h>
#include <stdint.h>

struct signer {
  const char *key, *secret, *region;
};

// An operation: `AWSEvents.PutEvents` of `events`, in JSON 1.1.
struct operation {
  const char *service, *target, *json_version;
};

// Writes a whole POST request for `body` to `out`, which has room for 2 KiB more than the body. Returns its length.
size_t signed_request(
  char *out, const struct signer *signer, const struct operation *operation, const char *host, const char *body,
  size_t length);

#endif
