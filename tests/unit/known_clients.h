/* known_clients: policies of real clients, for wire_bench. */
#ifndef PANNE_TESTS_KNOWN_CLIENTS_H
#define PANNE_TESTS_KNOWN_CLIENTS_H

#include "wire_bench.h"

/* Policies as in the clients' documentation and recordings. */
enum known_client {
    FULL, /* full jitter, obeys Retry-After and comes a little later */
    EQUAL,
    GRPC,   /* x1.6, +-20 % */
    CURL,   /* doubles, no jitter */
    STEADY, /* a constant pause */
    CONSTANT_FULL,
    LINEAR, /* wget */
    DECORRELATED,
    NAIVE,  /* at once, and deaf */
    AWS_JS, /* DynamoDB: 25 ms, full jitter */
    BOTO,   /* legacy: rand * 2^n seconds, deaf */
    BOTO_DYNAMODB,
    REQUESTS, /* the first retry at once, then 1 s, 2 s */
    CAPPED,   /* reaches its ceiling at the second retry */
    ONCE,
};
/* By enum known_client. */
extern const struct wire_client known_clients[];

#endif
