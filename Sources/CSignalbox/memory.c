// What Swift's own allocation cannot ask the system for.

#define _DEFAULT_SOURCE  // madvise

#include "csignalbox.h"

#ifdef __linux__
#include <sys/mman.h>
#endif

void sb_prefer_huge_pages(void *start, size_t length) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  // Pages that the allocator has used before are small; without them, the next write brings huge ones. All of it is a
  // wish: whether it is granted makes no difference but in time.
  (void)madvise(start, length, MADV_DONTNEED);
  (void)madvise(start, length, MADV_HUGEPAGE);
#else
  (void)start;
  (void)length;
#endif
}
