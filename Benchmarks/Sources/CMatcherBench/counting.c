// Marks for callgrind. Its header belongs to valgrind's package; without it the program builds and counts nothing.

#include "matcher_bench.h"

#if __has_include(<valgrind/callgrind.h>)

#include <valgrind/callgrind.h>

void bench_start_counting(void) { CALLGRIND_START_INSTRUMENTATION; }
void bench_stop_counting(void) { CALLGRIND_STOP_INSTRUMENTATION; }
int bench_can_count(void) { return 1; }

#else

void bench_start_counting(void) {}
void bench_stop_counting(void) {}
int bench_can_count(void) { return 0; }

#endif
