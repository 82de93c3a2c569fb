// What the benchmark needs of C: a count of heap allocations, the heap's size, marks for callgrind.
#ifndef MATCHER_BENCH_H
#define MATCHER_BENCH_H

#include <stddef.h>
#include <stdint.h>

/// How many times the calling thread has asked the heap for memory.
uint64_t bench_allocations(void);

/// Bytes of the heap that are in use.
size_t bench_heap_in_use(void);

/// Gives what is free back to the system, so that resident memory is what is used.
void bench_trim_heap(void);

/// From here on callgrind counts instructions; does nothing outside callgrind.
void bench_start_counting(void);

/// Up to here callgrind counts instructions.
void bench_stop_counting(void);

/// Whether the program was built with callgrind's marks.
int bench_can_count(void);

/// CSignalbox: makes the scanner use one instruction set ("sse2", "avx2", …); 0, or -1 if there is none such here.
int sb_set_simd_level(const char *level);

/// CSignalbox: the instruction set that the scanner uses.
const char *sb_simd_level(void);

#endif
