/* Heads: what is taken, what is refused and how, wherever the bytes are cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "http_kit.h"

#define R "GET / HTTP/1.1\r\nHost: h\r\n"
#define E "\r\n"
#define ANSWER "HTTP/1.1 200 OK\r\n"

struct claim {
    const char *name;
    struct text bytes;
    unsigned status; /* 0: taken */
};

static const struct claim requests[] = {
    { "a plain GET", TEXT(R E), 0 },
    { "two identical lengths are one", TEXT(R "Content-Length: 5\r\ncontent-length: 5\r\n" E), 0 },
    { "chunked in any case, with blanks", TEXT(R "transfer-encoding: \t CHUNKED \t\r\n" E), 0 },
    { "bytes above ASCII in a value", TEXT(R "A: \xc3\xa9\xff\r\n" E), 0 },
    { "a tab within a value", TEXT(R "A: b\tc\r\n" E), 0 },
    { "a method nobody knows", TEXT("BREW / HTTP/1.1\r\nHost: h\r\n" E), 0 },
    { "a method of 32 bytes", TEXT("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEF / HTTP/1.1\r\nHost: h\r\n" E),
      0 },
    { "four empty lines before it", TEXT("\r\n\r\n\r\n\r\n" R E), 0 },
    { "HTTP/1.0 without Host", TEXT("GET / HTTP/1.0\r\n" E), 0 },
    { "HTTP/1.7 is framed as 1.1", TEXT("GET / HTTP/1.7\r\nHost: h\r\n" E), 0 },
    { "a URL as target", TEXT("GET http://h:81/a?b HTTP/1.1\r\nHost: other\r\n" E), 0 },
    { "OPTIONS *", TEXT("OPTIONS * HTTP/1.1\r\nHost: h\r\n" E), 0 },
    { "CONNECT with a port", TEXT("CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n" E), 0 },
    { "CONNECT to an IPv6 literal", TEXT("CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\n" E),
      0 },
    { "an upgrade", TEXT(R "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n" E), 0 },
    { "a name with every token character", TEXT(R "!#$%&'*+-.^_`|~09azAZ: 1\r\n" E), 0 },
    { "an empty value", TEXT(R "A:\r\nB: \r\n" E), 0 },

    { "space before the colon", TEXT(R "A : b\r\n" E), 400 },
    { "space before the colon of Content-Length", TEXT(R "Content-Length : 5\r\n" E), 400 },
    { "space before the colon of Transfer-Encoding", TEXT(R "Transfer-Encoding : chunked\r\n" E),
      400 },
    { "space before the colon of Host", TEXT("GET / HTTP/1.1\r\nHost : h\r\n" E), 400 },
    { "tab before the colon", TEXT(R "A\t: b\r\n" E), 400 },
    { "space inside a name", TEXT(R "A b: c\r\n" E), 400 },
    { "an empty name", TEXT(R ": b\r\n" E), 400 },
    { "a line without colon", TEXT(R "Abc\r\n" E), 400 },
    { "a line without colon before others", TEXT(R "Abc\r\nD: e\r\n" E), 400 },
    { "a byte above ASCII in a name", TEXT(R "A\xc3\xa9: b\r\n" E), 400 },
    { "CR without LF at the end of the head", TEXT(R "\rX"), 400 },
    { "CR CR LF at the end of the head", TEXT(R "\r\r\n"), 400 },
    { "white space before the first field", TEXT("GET / HTTP/1.1\r\n Host: h\r\n" E), 400 },
    { "a field folded over lines", TEXT(R "A: b\r\n c\r\n" E), 400 },
    { "a field folded with a tab", TEXT(R "A: b\r\n\tc\r\n" E), 400 },
    { "chunked twice in a line", TEXT(R "Transfer-Encoding: chunked, chunked\r\n" E), 400 },
    { "chunked twice in two lines",
      TEXT(R "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n" E), 400 },
    { "Transfer-Encoding in HTTP/1.0",
      TEXT("POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n" E), 400 },
    { "no Host", TEXT("GET / HTTP/1.1\r\n" E), 400 },
    { "two Hosts", TEXT(R "Host: h\r\n" E), 400 },
    { "two Hosts in HTTP/1.0", TEXT("GET / HTTP/1.0\r\nHost: h\r\nHost: h\r\n" E), 400 },
    { "an empty Host", TEXT("GET / HTTP/1.1\r\nHost:\r\n" E), 400 },
    { "a Host with a space", TEXT("GET / HTTP/1.1\r\nHost: a b\r\n" E), 400 },
    { "a Host with a slash", TEXT("GET / HTTP/1.1\r\nHost: a/b\r\n" E), 400 },
    { "a Host with a user", TEXT("GET / HTTP/1.1\r\nHost: u@h\r\n" E), 400 },
    { "a Host with a silly port", TEXT("GET / HTTP/1.1\r\nHost: h:99999\r\n" E), 400 },
    { "version 2.0", TEXT("GET / HTTP/2.0\r\nHost: h\r\n" E), 505 },
    { "version 9.9", TEXT("GET / HTTP/9.9\r\nHost: h\r\n" E), 505 },
    { "version 0.9", TEXT("GET / HTTP/0.9\r\nHost: h\r\n" E), 505 },
    { "the HTTP/2 preface", TEXT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505 },
    { "GET *", TEXT("GET * HTTP/1.1\r\nHost: h\r\n" E), 400 },
    { "OPTIONS *x", TEXT("OPTIONS *x HTTP/1.1\r\nHost: h\r\n" E), 400 },
    { "CONNECT without a port", TEXT("CONNECT h HTTP/1.1\r\nHost: h\r\n" E), 400 },
    { "CONNECT with port 0", TEXT("CONNECT h:0 HTTP/1.1\r\nHost: h\r\n" E), 400 },
    { "CONNECT with a silly port", TEXT("CONNECT h:70000 HTTP/1.1\r\nHost: h\r\n" E), 400 },
    { "CONNECT to a path", TEXT("CONNECT / HTTP/1.1\r\nHost: h\r\n" E), 400 },
    { "CONNECT with a body", TEXT("CONNECT h:1 HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n" E),
      400 },
    { "a fifth empty line before it", TEXT("\r\n\r\n\r\n\r\n\r\n" R E), 400 },
    { "identity, then chunked", TEXT(R "Transfer-Encoding: identity, chunked\r\n" E), 501 },

    { "Transfer-Encoding and Content-Length",
      TEXT(R "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n" E), 400 },
    { "Content-Length and Transfer-Encoding",
      TEXT(R "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n" E), 400 },
    { "a coding that is not chunked", TEXT(R "Transfer-Encoding: gzip\r\n" E), 400 },
    { "chunked, but not last", TEXT(R "Transfer-Encoding: chunked, gzip\r\n" E), 400 },
    { "chunked with a parameter", TEXT(R "Transfer-Encoding: chunked;a=b\r\n" E), 400 },
    { "nearly chunked", TEXT(R "Transfer-Encoding: xchunked\r\n" E), 400 },
    { "chunked behind a vertical tab",
      TEXT(R "Transfer-Encoding: \x0b"
             "chunked\r\n" E),
      400 },
    { "an empty Transfer-Encoding", TEXT(R "Transfer-Encoding:\r\n" E), 400 },
    { "an empty coding before chunked", TEXT(R "Transfer-Encoding: , chunked\r\n" E), 400 },
    { "an empty coding behind chunked", TEXT(R "Transfer-Encoding: chunked,\r\n" E), 400 },
    { "an unknown coding", TEXT(R "Transfer-Encoding: gzip, chunked\r\n" E), 501 },
    { "an unknown coding in a line of its own",
      TEXT(R "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n" E), 400 },
    { "lengths that differ", TEXT(R "Content-Length: 5\r\nContent-Length: 6\r\n" E), 400 },
    { "a list of lengths", TEXT(R "Content-Length: 5, 5\r\n" E), 400 },
    { "a negative length", TEXT(R "Content-Length: -5\r\n" E), 400 },
    { "a length with a plus", TEXT(R "Content-Length: +5\r\n" E), 400 },
    { "a length in hex", TEXT(R "Content-Length: 0x5\r\n" E), 400 },
    { "a length with a space", TEXT(R "Content-Length: 1 2\r\n" E), 400 },
    { "an empty length", TEXT(R "Content-Length:\r\n" E), 400 },
    { "a length that overflows", TEXT(R "Content-Length: 18446744073709551616\r\n" E), 413 },
    { "a length of 2^63", TEXT(R "Content-Length: 9223372036854775808\r\n" E), 413 },
    { "a bare CR in a value", TEXT(R "A: b\rc\r\n" E), 400 },
    { "a bare LF between fields", TEXT(R "A: b\nC: d\r\n" E), 400 },
    { "bare LFs throughout", TEXT("GET / HTTP/1.1\nHost: h\n\n"), 400 },
    { "a bare LF as the empty line", TEXT(R "\n"), 400 },
    { "NUL in a value", TEXT(R "A: b\0c\r\n" E), 400 },
    { "NUL in a name", TEXT(R "A\0: b\r\n" E), 400 },
    { "DEL in a value",
      TEXT(R "A: b\x7f"
             "c\r\n" E),
      400 },
    { "a control character in a long value", TEXT(R "A: 0123456789abcdef\x01\r\n" E), 400 },
    { "NUL in the target", TEXT("GET /\0 HTTP/1.1\r\nHost: h\r\n" E), 400 },
    { "a fragment in the target", TEXT("GET /a#b HTTP/1.1\r\nHost: h\r\n" E), 400 },
    { "a byte above ASCII in the target", TEXT("GET /\xc3\xa9 HTTP/1.1\r\nHost: h\r\n" E), 400 },
    { "a target that is no path", TEXT("GET a HTTP/1.1\r\nHost: h\r\n" E), 400 },
    { "a URL of another scheme", TEXT("GET ftp://h/ HTTP/1.1\r\nHost: h\r\n" E), 400 },
    { "a URL with a user", TEXT("GET http://u@h/ HTTP/1.1\r\nHost: h\r\n" E), 400 },
    { "two spaces behind the method", TEXT("GET  / HTTP/1.1\r\nHost: h\r\n" E), 400 },
    { "two spaces behind the target", TEXT("GET /  HTTP/1.1\r\nHost: h\r\n" E), 400 },
    { "space behind the version", TEXT("GET / HTTP/1.1 \r\nHost: h\r\n" E), 400 },
    { "a tab in the request line", TEXT("GET\t/ HTTP/1.1\r\nHost: h\r\n" E), 400 },
    { "a space before the method", TEXT(" GET / HTTP/1.1\r\nHost: h\r\n" E), 400 },
    { "no target", TEXT("GET HTTP/1.1\r\nHost: h\r\n" E), 400 },
    { "no version", TEXT("GET /\r\nHost: h\r\n" E), 400 },
    { "a version in small letters", TEXT("GET / http/1.1\r\nHost: h\r\n" E), 400 },
    { "a version with two digits", TEXT("GET / HTTP/1.10\r\nHost: h\r\n" E), 400 },
    { "a method that is no token", TEXT("G(T / HTTP/1.1\r\nHost: h\r\n" E), 400 },
    { "a method of 33 bytes", TEXT("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFG / HTTP/1.1\r\n" E), 400 },
    { "an answer", TEXT(ANSWER E), 400 },
};

static const struct claim answers[] = {
    { "a plain answer", TEXT(ANSWER E), 0 },
    { "no reason", TEXT("HTTP/1.1 200 \r\n" E), 0 },
    { "no reason and no space", TEXT("HTTP/1.1 200\r\n" E), 0 },
    { "a reason above ASCII", TEXT("HTTP/1.1 200 \xc3\xa9\r\n" E), 0 },
    { "an unknown status", TEXT("HTTP/1.1 599 X\r\n" E), 0 },
    { "two identical lengths", TEXT(ANSWER "Content-Length: 5\r\nContent-Length: 5\r\n" E), 0 },
    { "100", TEXT("HTTP/1.1 100 Continue\r\n" E), 0 },
    { "status 600", TEXT("HTTP/1.1 600 X\r\n" E), 502 },
    { "status 99", TEXT("HTTP/1.1 099 X\r\n" E), 502 },
    { "a status of two digits", TEXT("HTTP/1.1 20 X\r\n" E), 502 },
    { "a status of four digits", TEXT("HTTP/1.1 2000 X\r\n" E), 502 },
    { "two spaces before the status", TEXT("HTTP/1.1  200 X\r\n" E), 502 },
    { "a control character in the reason", TEXT("HTTP/1.1 200 a\x01\r\n" E), 502 },
    { "version 2.0", TEXT("HTTP/2.0 200 OK\r\n" E), 502 },
    { "ICY", TEXT("ICY 200 OK\r\n" E), 502 },
    { "an empty line before it", TEXT("\r\n" ANSWER E), 502 },
    { "a bare LF behind the status", TEXT("HTTP/1.1 200\nA: b\n\n"), 502 },
    { "a folded field", TEXT(ANSWER "A: b\r\n c\r\n" E), 502 },
    { "space before the colon", TEXT(ANSWER "A : b\r\n" E), 502 },
    { "both framings", TEXT(ANSWER "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n" E), 502 },
    { "an unknown coding", TEXT(ANSWER "Transfer-Encoding: gzip, chunked\r\n" E), 502 },
    { "chunked in HTTP/1.0", TEXT("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n" E), 502 },
    { "lengths that differ", TEXT(ANSWER "Content-Length: 5\r\nContent-Length: 6\r\n" E), 502 },
    { "a length that is no number", TEXT(ANSWER "Content-Length: 5a\r\n" E), 502 },
};

/* The bytes whole, cut in two anywhere, and one by one: always the same result. */
static void check_claim(struct kit *kit, enum head_kind kind, const struct claim *claim)
{
    size_t length = claim->bytes.length;
    struct head_read read;

    for (size_t step = 1; step <= length; step++) {
        read = kit_read_head_in_steps(kit, kind, BYTES("GET"), claim->bytes, step);
        if (read.result != (claim->status ? READ_WRONG : READ_DONE) || read.status != claim->status)
            fail_msg("%s, in steps of %zu: result %d, status %u, %s", claim->name, step,
                     (int)read.result, read.status,
                     read.complaint ? read.complaint : "no complaint");
        if (claim->status)
            assert_non_null(read.complaint);
        else
            assert_int_equal(read.used, length);
    }
    for (size_t cut = 0; cut < length; cut++) {
        read = kit_read_head(kit, kind, BYTES("GET"), text_of(claim->bytes.at, cut));
        if (read.result == READ_DONE || (read.result == READ_WRONG && read.status != claim->status))
            fail_msg("%s, cut at %zu: result %d, status %u, %s", claim->name, cut, (int)read.result,
                     read.status, read.complaint);
    }
    arena_clear(&kit->arena);
}

static void requests_are_judged_strictly(void **state)
{
    for (size_t i = 0; i < COUNT_OF(requests); i++)
        check_claim(*state, HEAD_REQUEST, &requests[i]);
}

static void answers_are_judged_strictly(void **state)
{
    for (size_t i = 0; i < COUNT_OF(answers); i++)
        check_claim(*state, HEAD_RESPONSE, &answers[i]);
}

static void what_follows_a_head_is_left_alone(void **state)
{
    struct head_read read =
        kit_read_head(*state, HEAD_REQUEST, BYTES(""), BYTES("\r\n" R E "GET /2 HTTP/1.1\r\n\0\n"));

    assert_int_equal(read.result, READ_DONE);
    assert_int_equal(read.used, 2 + strlen(R E));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_judged_strictly),
        cmocka_unit_test(answers_are_judged_strictly),
        cmocka_unit_test(what_follows_a_head_is_left_alone),
    };

    return cmocka_run_group_tests(tests, kit_set_up, kit_tear_down);
}
