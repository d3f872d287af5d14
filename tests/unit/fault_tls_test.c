/* The TLS kinds: what each wishes for, and which one counts where several hit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fault_bench.h"

static void each_certificate_is_wished_for_by_name(void **state)
{
    static const struct {
        const char *settings;
        enum tls_certificate certificate;
    } rows[] = {
        { "", CERTIFICATE_EXPIRED },
        { "kind=expired", CERTIFICATE_EXPIRED },
        { "kind=not-yet-valid", CERTIFICATE_NOT_YET },
        { "kind=wrong-name", CERTIFICATE_WRONG_NAME },
        { "kind=self-signed", CERTIFICATE_SELF_SIGNED },
        { "kind=unknown-issuer", CERTIFICATE_UNKNOWN_ISSUER },
        { "kind=missing-intermediate", CERTIFICATE_MISSING_INTERMEDIATE },
        { "kind=weak-key", CERTIFICATE_WEAK_KEY },
        { "kind=sha1", CERTIFICATE_SHA1 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct fault_bench *bench = fault_bench_new();
        struct hit *first = fault_bench_hit(bench, "certificate", rows[i].settings);

        fault_bench_hit(bench, "certificate", "kind=sha1");
        assert_int_equal(bench->connected.certificate, rows[i].certificate);
        assert_ptr_equal(bench->connected.certificate_by, first);
        fault_bench_free(bench);
    }
}

static void alerts_are_wished_for_by_name(void **state)
{
    static const struct {
        const char *settings;
        int number;
    } rows[] = {
        { "", 40 },
        { "alert=close_notify", 0 },
        { "alert=unexpected_message", 10 },
        { "alert=handshake_failure", 40 },
        { "alert=unknown_ca", 48 },
        { "alert=protocol_version", 70 },
        { "alert=internal_error", 80 },
        { "alert=user_canceled", 90 },
        { "alert=unrecognized_name", 112 },
        { "alert=no_application_protocol", 120 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct fault_bench *bench = fault_bench_new();
        struct hit *first = fault_bench_hit(bench, "alert", rows[i].settings);

        fault_bench_hit(bench, "alert", "alert=decode_error");
        assert_int_equal(bench->connected.alert, rows[i].number);
        assert_ptr_equal(bench->connected.alert_by, first);
        fault_bench_free(bench);
    }
}

static void stalls_have_a_place_and_a_time(void **state)
{
    static const struct {
        const char *settings;
        enum tls_stall stall;
        usec lasts;
    } rows[] = {
        { "", STALL_HELLO, NEVER },
        { "for=5s", STALL_HELLO, 5 * SECOND },
        { "at=hello; for=1ms", STALL_HELLO, MSEC },
        { "at=server-hello", STALL_SERVER_HELLO, NEVER },
        { "at=finished; for=2s", STALL_FINISHED, 2 * SECOND },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct fault_bench *bench = fault_bench_new();
        struct hit *first = fault_bench_hit(bench, "handshake-stall", rows[i].settings);

        fault_bench_hit(bench, "handshake-stall", "at=hello; for=1h");
        assert_int_equal(bench->connected.stall, rows[i].stall);
        assert_true(bench->connected.stall_for == rows[i].lasts);
        assert_ptr_equal(bench->connected.stall_by, first);
        fault_bench_free(bench);
    }
}

static void the_lowest_version_counts(void **state)
{
    static const struct {
        const char *settings[3];
        enum tls_version version;
        size_t by;
    } rows[] = {
        { { "" }, VERSION_1_1, 0 },
        { { "most=1.2" }, VERSION_1_2, 0 },
        { { "most=1.2", "most=1.0", "most=1.1" }, VERSION_1_0, 1 },
        { { "most=1.1", "most=1.1", "most=1.2" }, VERSION_1_1, 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct fault_bench *bench = fault_bench_new();
        struct hit *hits[3] = { NULL };

        for (size_t k = 0; k < 3 && rows[i].settings[k]; k++)
            hits[k] = fault_bench_hit(bench, "version", rows[i].settings[k]);
        assert_int_equal(bench->connected.version, rows[i].version);
        assert_ptr_equal(bench->connected.version_by, hits[rows[i].by]);
        fault_bench_free(bench);
    }
}

static void resumption_is_denied_by_the_first(void **state)
{
    struct fault_bench *bench = fault_bench_new();
    struct hit *first = fault_bench_hit(bench, "resumption", "sessions=denied");

    (void)state;
    fault_bench_hit(bench, "resumption", "");
    assert_true(bench->connected.no_resumption);
    assert_ptr_equal(bench->connected.resumption_by, first);
    assert_int_equal(bench->connected.certificate, CERTIFICATE_GOOD);
    assert_int_equal(bench->connected.alert, -1);
    assert_int_equal(bench->connected.stall, STALL_NONE);
    assert_int_equal(bench->connected.version, VERSION_ANY);
    fault_bench_free(bench);
}

static void what_there_is_not_is_refused(void **state)
{
    static const struct fault_setting stalls[] = {
        { "for=24h", NULL },
        { "for=25h", "wants at most 1d, got \"25h\"" },
        { "at=certificate", "wants hello, server-hello or finished, got \"certificate\"" },
    };
    static const struct fault_setting versions[] = {
        { "most=1.2", NULL },
        { "most=1.3", "wants 1.0, 1.1 or 1.2, got \"1.3\"" },
        { "most=old", "wants 1.0, 1.1 or 1.2, got \"old\"" },
    };

    (void)state;
    fault_check_settings("handshake-stall", stalls, COUNT_OF(stalls));
    fault_check_settings("version", versions, COUNT_OF(versions));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_certificate_is_wished_for_by_name),
        cmocka_unit_test(alerts_are_wished_for_by_name),
        cmocka_unit_test(stalls_have_a_place_and_a_time),
        cmocka_unit_test(the_lowest_version_counts),
        cmocka_unit_test(resumption_is_denied_by_the_first),
        cmocka_unit_test(what_there_is_not_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
