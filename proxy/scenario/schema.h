/* schema: the scenario language as a JSON Schema, for editors. */
#ifndef PANNE_SCENARIO_SCHEMA_H
#define PANNE_SCENARIO_SCHEMA_H

#include "base/buffer.h"

/* Appends the schema (JSON Schema, draft-07) of what scenario_load takes, from the tables that it
 * reads by and the catalogue of faults. It describes values as a YAML reader gives them. What no
 * schema can say is left out: what keys mean to each other beyond being there, names that must be
 * known or unique, and what keeps YAML itself from being read. */
void scenario_schema(struct buffer *out);

#endif
