// C helpers of the matcher.
#ifndef CSIGNALBOX_H
#define CSIGNALBOX_H
#include <stddef.h>
#include <stdint.h>
#endif
