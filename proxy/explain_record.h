/* explain_record: a request of a log, with what was decided on it, kept for as long as it takes. */
#ifndef PANNE_EXPLAIN_RECORD_H
#define PANNE_EXPLAIN_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "observe/event.h"
#include "observe/log_read.h"

/* A `fault` line. Its texts lie behind it. */
struct logged_fault {
    struct logged_fault *next;
    struct event_fault event;
};

/* A `request` line and the faults before it, in order. Its texts lie behind it. */
struct logged {
    struct logged_fault *faults;
    size_t fault_count;
    uint64_t line;
    struct event_request event;
};

/* Copies what the line lends. */
struct logged_fault *logged_fault_new(const struct event_fault *event);
struct logged *logged_new(const struct log_line *line);
void logged_faults_free(struct logged_fault *faults);
void logged_free(struct logged *logged);

/* No phase: it was answered, or led elsewhere, before anything was asked. */
bool logged_is_decided(const struct logged *logged);
bool logged_is_tunnel(const struct logged *logged);

#endif
