/* The one function of a fuzz target: it must survive any bytes. Returns 0. */
#ifndef PANNE_TESTS_FUZZ_H
#define PANNE_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
