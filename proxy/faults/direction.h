/* direction: the parameter `on` of kinds that bite either way. */
#ifndef PANNE_FAULTS_DIRECTION_H
#define PANNE_FAULTS_DIRECTION_H

#include <stdbool.h>
#include <stddef.h>

enum direction_choice { ON_REQUEST, ON_RESPONSE, ON_BOTH };

/* Of a FIELD_CHOICE, in the order of the enum above; the usual fallback is response. */
static const char *const direction_choices[] = { "request", "response", "both", NULL };

/* The choice includes what the client sends. */
static inline bool direction_has_request(int on)
{
    return on != ON_RESPONSE;
}

/* The choice includes what the client gets. */
static inline bool direction_has_response(int on)
{
    return on != ON_REQUEST;
}

#endif
