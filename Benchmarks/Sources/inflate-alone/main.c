// Unpacks gzip files one after another with libdeflate and does nothing with what comes out: the least that reading them
// can cost. The paths are lines of standard input.

#include <fcntl.h>
#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void *grown(void *memory, size_t *capacity, size_t wanted) {
  if (wanted <= *capacity) return memory;
  free(memory);
  *capacity = wanted + wanted / 4;
  return malloc(*capacity);
}

int main(void) {
  struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor();
  size_t packed_capacity = 0, text_capacity = 0, files = 0, total = 0;
  unsigned char *packed = NULL, *text = NULL;
  char path[4096];
  while (fgets(path, sizeof path, stdin) != NULL) {
    path[strcspn(path, "\n")] = 0;
    const int file = open(path, O_RDONLY);
    struct stat status;
    if (file < 0 || fstat(file, &status) != 0) return perror(path), 1;
    const size_t size = (size_t)status.st_size;
    packed = grown(packed, &packed_capacity, size);
    if (packed == NULL || read(file, packed, size) != (ssize_t)size || size < 18) return perror(path), 1;
    close(file);
    // The last four bytes of a gzip file are the length of the text.
    unsigned int length;
    memcpy(&length, packed + size - 4, 4);
    text = grown(text, &text_capacity, length);
    size_t actual;
    if (text == NULL || libdeflate_gzip_decompress(decompressor, packed, size, text, length, &actual) != 0)
      return fprintf(stderr, "%s: not one whole gzip member\n", path), 1;
    files++;
    total += actual;
  }
  printf("%zu files, %zu bytes\n", files, total);
  return 0;
}
