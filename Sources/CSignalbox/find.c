// memmem, which goes through the text once whatever it and the wanted bytes hold; C libraries declare it on request only.
#define _GNU_SOURCE

#include "csignalbox.h"

#include <string.h>

ptrdiff_t sb_find(const uint8_t *text, size_t length, const uint8_t *wanted, size_t wanted_length) {
  const uint8_t *found = memmem(text, length, wanted, wanted_length);
  return found == NULL ? -1 : found - text;
}
