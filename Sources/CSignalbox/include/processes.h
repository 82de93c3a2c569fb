// Starting child processes: what the C library offers only as GNU extensions, which Swift does not see.
#ifndef CSIGNALBOX_PROCESSES_H
#define CSIGNALBOX_PROCESSES_H
#include <stddef.h>
#include <sys/types.h>

// Starts `path` in a process group of its own, with `directory` as working directory, `input`, `output` and `error` as
// its descriptors 0, 1 and 2, none else open, and no signal blocked or ignored. Returns 0 or an error number.
int signalbox_spawn(pid_t *pid, const char *path, char *const argv[], char *const envp[], const char *directory,
                    int input, int output, int error);

// A descriptor (close-on-exec) that becomes readable when the process ends; -1 with errno on failure.
int signalbox_process_descriptor(pid_t pid);

// A descriptor (close-on-exec) of a nameless file that holds these bytes, placed at its beginning; -1 with errno.
int signalbox_memory_file(const void *bytes, size_t count);

// A pipe whose ends are close-on-exec, the reading end non-blocking. Returns 0 or -1 with errno.
int signalbox_pipe(int ends[2]);

#endif
