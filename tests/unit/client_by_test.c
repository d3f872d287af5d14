/* client_by_test: what of a credential is the same in all requests. */
#include "serve/client_by.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void what_signs_each_request_is_left_out(void **state)
{
    static const struct {
        const char *value, *credential;
    } rows[] = {
        { "Bearer abc.def.ghi", "Bearer abc.def.ghi" },
        { "Basic dXNlcjpwYXNz", "Basic dXNlcjpwYXNz" },
        { "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
          "SignedHeaders=host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c4",
          "AKIDEXAMPLE" },
        { "AWS4-HMAC-SHA256 SignedHeaders=host,Credential=AKIDEXAMPLE/2015/x/y/z,Signature=5d67",
          "AKIDEXAMPLE" },
        { "AWS4-ECDSA-P256-SHA256 Credential=AKIDEXAMPLE/20150830/iam/aws4_request, Signature=1",
          "AKIDEXAMPLE" },
        { "AWS AKIDEXAMPLE:frJIUN8DYpKDtOLCwo//yllqDzg=", "AKIDEXAMPLE" },
        { "SharedKey account:ctzMq410TV3wS7upTBcunJTDLEJwMAZuFPfr0mrrA08=", "account" },
        { "Digest realm=\"r\", username=\"Mufasa\", nonce=\"7ypf/xlj9X\"", "Mufasa" },
        { "Signature keyId=\"k1\",headers=\"date\",signature=\"Base64\"", "k1" },
        { "AWS4-HMAC-SHA256 Signature=5d67", "AWS4-HMAC-SHA256 Signature=5d67" },
        { "", "" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_true(text_is(client_by_credential(text_from(rows[i].value)), rows[i].credential));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_signs_each_request_is_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
