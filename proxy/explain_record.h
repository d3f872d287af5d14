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

/* A `request` or `opening` line and the faults before it, in order. Its texts lie behind it. */
struct logged {
    struct logged_fault *faults;
    size_t fault_count;
    uint64_t line;
    bool opening; /* it was an `opening` line, of which `event` has what both have */
    struct event_request event;
};

/* Copies what the line lends. */
struct logged_fault *logged_fault_new(const struct event_fault *event);
struct logged *logged_new(const struct log_line *line);
/* Whose faults they are: of an exchange, or of the opening of a connection. */
uint64_t logged_fault_key(const struct event_fault *event);
uint64_t logged_key(const struct logged *logged);
void logged_faults_free(struct logged_fault *faults);
void logged_free(struct logged *logged);

/* No phase: it was answered, or led elsewhere, before anything was asked. */
bool logged_is_decided(const struct logged *logged);
bool logged_is_tunnel(const struct logged *logged);

#endif
