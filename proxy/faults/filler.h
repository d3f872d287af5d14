/* filler: text such as a service writes that says too much about itself. */
#ifndef PANNE_FAULTS_FILLER_H
#define PANNE_FAULTS_FILLER_H

#include <stddef.h>
#include <stdint.h>

/* Writes exactly `length` bytes: letters, digits, `=` and single spaces, none first or last, so
 * that they can stand in a header, a line or a comment. The same bits give the same text. */
void filler_write(char *at, size_t length, uint64_t bits);

#endif
