/* option: the command line as one table. Parsing, --help and the manual's lists come from its rows.
 */
#ifndef PANNE_OPTION_H
#define PANNE_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attributes.h"
#include "base/buffer.h"
#include "base/field.h"
#include "base/text.h"
#include "base/time.h"

/* Commands that know an option. */
enum {
    FOR_RUN = 1,
    FOR_CHECK = 2,
    FOR_SHOW = 4,
    FOR_LIST = 8,
    FOR_FAULTS = 16,
    FOR_CA = 32,
    FOR_ORIGIN = 64,
    FOR_MANUAL = 128,
    FOR_EXPLAIN = 256,
    FOR_SCHEMA = 512,
    FOR_REPORT = 2048,
    FOR_CHECKS = 1024,
};

/* Chapters of help and manual, in order. */
enum option_group {
    GROUP_REPLAY,
    GROUP_WAYS_IN,
    GROUP_ORIGINS,
    GROUP_ACCESS,
    GROUP_BOUNDS,
    GROUP_OUTPUT,
    GROUP_AUTHORITY,
    OPTION_GROUPS,
};

enum option_start { START_MATCH, START_NOW };
enum option_when { WHEN_AUTO, WHEN_ALWAYS, WHEN_NEVER };
enum option_capture { CAPTURE_PROXY };
enum option_no_proxy { NO_PROXY_EMPTY, NO_PROXY_KEEP };
enum option_format { FORMAT_SH, FORMAT_DOTENV, FORMAT_JSON, FORMAT_GITHUB };
enum option_report { REPORT_TEXT, REPORT_JSON, REPORT_GITHUB, REPORT_SARIF };

#define OPTIONS_MOST 96

/* What the user asked for. Texts are lent from the arguments, and end in NUL. Zero: not given and
 * without a default. */
struct options {
    struct arena arena;       /* of lists */
    struct field_texts words; /* what is neither option nor COMMAND */
    char *const *child;       /* COMMAND and its arguments; NULL: none */
    bool given[OPTIONS_MOST]; /* by row */

    double speed;
    usec floor, from, until;
    struct text phase, seed, client_by;
    int start; /* enum option_start */
    bool step, repeat;
    struct field_texts services, sets;

    struct field_texts listens, upstreams, routes, forwards, passthrough;
    int capture;  /* enum option_capture */
    int no_proxy; /* enum option_no_proxy */
    struct text cert, key, ca_dir;

    struct text parent, upstream_ca, client_cert, client_key;
    bool no_parent, upstream_insecure, preserve_host, keep_alt_svc, via, flood_origin;

    struct field_texts allowed, targets, connect_ports;

    uint64_t workers, max_connections, max_head, max_fields;
    usec header_timeout, idle_timeout, connect_timeout, origin_timeout, drain_timeout;

    struct text log, ready_file, baseline;
    struct field_texts reports;
    bool gate_regressions;
    uint64_t request;
    bool log_queries, quiet, plain;
    int color, live; /* enum option_when */

    int format;  /* enum option_format */
    int report;  /* enum option_report */
    int profile; /* enum profile, if it was given */
    struct text proxy, out;
    bool replace;

    bool help, version;
};

struct option_row {
    struct field field;   /* its name is the long name; FIELD_TEXTS may be given several times */
    char letter;          /* the short name; 0: none */
    const char *argument; /* NULL: none, and the field is a FIELD_FLAG */
    unsigned commands;
    enum option_group group;
    const char *otherwise; /* what happens without it, where that is no value: `the scenario's` */
};

/* NULL past the end. */
const struct option_row *option_at(size_t index);
/* The title of a chapter. */
const char *option_group_title(enum option_group group);

/* Reads the arguments behind the command's name (arguments[0]) into `options`, which is cleared
 * first. `command` is one of the bits above. False with a complaint, one line.
 * Ends early at --help and --version. */
MUST_USE bool option_parse(struct options *options, unsigned command, char **arguments,
                           struct buffer *complaint);
void option_clear(struct options *options);
/* Whether the user gave the option that `member` belongs to. */
bool option_is_given(const struct options *options, const void *member);

/* `--help`: the options of a command, chapter by chapter. */
void option_help(unsigned command, struct buffer *out);
/* The same as mdoc lists. */
void option_manual(unsigned command, struct buffer *out);

#endif
