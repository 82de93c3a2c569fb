// libdeflate: whole gzip files at once, the fast path. zlib: files too large for that, and what is left of damaged ones.
#include <libdeflate.h>
#include <zlib.h>
