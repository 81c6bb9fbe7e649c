#include "tests/unit/token_keyring.h"

/* RFC 7515, appendix A.2 and A.3: signatures that others made. Their claims lack what we ask for, so the
 * answer shows that the signature was good. */
static void signatures_of_the_rfc_fit(void **state)
{
    (void)state;
    static const char payload[] = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
                                  "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    write_jwks(
        "{\"keys\":[{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0"
        "l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_"
        "YpRPEwOWvG6b32690r2jZ47soMZo9"
        "wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-"
        "UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5"
        "ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ\"},"
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
        "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}");
    struct token_verifier *joe = open_with((struct token_config){NULL, jwks_path, "joe", "game", 5});
    struct token_claims claims;
    snprintf(token, sizeof token, "eyJhbGciOiJSUzI1NiJ9.%s.%s", payload,
             "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
             "O8W2Fp5jujGbds9uJdb"
             "F9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_"
             "nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383"
             "LcOLn6_dO--xi12jzDwusC-"
             "eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWy"
             "wlVmtVrBp0igcN_IoypGlUPQGe77Rw");
    assert_int_equal(token_verify(joe, bytes_of_text(token), 1300819000, &claims), TOKEN_WRONG_AUDIENCE);
    snprintf(token, sizeof token, "eyJhbGciOiJFUzI1NiJ9.%s.%s", payload,
             "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
    assert_int_equal(token_verify(joe, bytes_of_text(token), 1300819000, &claims), TOKEN_WRONG_AUDIENCE);
    token_verifier_close(joe);
}

static void keys_rotate_by_kid(void **state)
{
    (void)state;
    char both[FORGE_TEXT_MAX] = "{\"keys\":[", only_new[FORGE_TEXT_MAX] = "{\"keys\":[",
         old_token[FORGE_TEXT_MAX], new_token[FORGE_TEXT_MAX];
    struct token_claims claims;
    forge_jwk(both, rsa_key, "r1", "");
    strcat(both, ",");
    forge_jwk(both, rsa_key_two, "r2", "");
    strcat(both, "]}");
    forge_jwk(only_new, rsa_key_two, "r2", "");
    strcat(only_new, "]}");
    forge_start(old_token, "{\"alg\":\"RS256\",\"kid\":\"r1\"}", good_claims);
    forge_sign(old_token, rsa_key);
    forge_start(new_token, "{\"alg\":\"RS256\",\"kid\":\"r2\"}", good_claims);
    forge_sign(new_token, rsa_key_two);

    assert_int_equal(verify_text(old_token), TOKEN_GOOD);
    assert_int_equal(verify_text(new_token), TOKEN_UNKNOWN_KEY);
    write_jwks(both);
    struct token_verifier *second = open_with(config_of(NULL, jwks_path));
    assert_int_equal(token_verify(second, bytes_of_text(old_token), now_s, &claims), TOKEN_GOOD);
    assert_int_equal(token_verify(second, bytes_of_text(new_token), now_s, &claims), TOKEN_GOOD);
    forge_start(token, "{\"alg\":\"RS256\"}", good_claims);
    forge_sign(token, rsa_key);
    assert_int_equal(token_verify(second, bytes_of_text(token), now_s, &claims), TOKEN_UNKNOWN_KEY);
    write_jwks(only_new);
    struct token_verifier *third = open_with(config_of(NULL, jwks_path));
    assert_int_equal(token_verify(third, bytes_of_text(old_token), now_s, &claims), TOKEN_UNKNOWN_KEY);
    assert_int_equal(token_verify(third, bytes_of_text(new_token), now_s, &claims), TOKEN_GOOD);
    token_verifier_close(second);
    token_verifier_close(third);
}

static void keys_of_other_kinds_are_skipped(void **state)
{
    (void)state;
    char jwks[FORGE_TEXT_MAX] =
        "{\"other\":1,\"keys\":["
        "{\"kty\":\"oct\",\"k\":\"AAAA\"},{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AAAA\"},"
        "{\"kty\":\"EC\",\"crv\":\"P-521\",\"x\":\"AA\",\"y\":\"AA\"},{\"kty\":\"new\"},{},";
    forge_jwk(jwks, rsa_key_two, "enc", ",\"use\":\"enc\"");
    strcat(jwks, ",");
    forge_jwk(jwks, rsa_key_two, "pss", ",\"alg\":\"PS256\"");
    strcat(jwks, ",");
    forge_jwk(jwks, rsa_key, "r1", ",\"use\":\"sig\",\"key_ops\":[\"verify\"],\"x5t\":\"abc\"");
    strcat(jwks, "]}");
    write_jwks(jwks);
    struct token_verifier *one = open_with(config_of(NULL, jwks_path));
    assert_int_equal(token_verifier_key_count(one), 1);
    token_verifier_close(one);
}

static void bad_key_sets_are_refused_with_their_place(void **state)
{
    (void)state;
    char jwks[FORGE_TEXT_MAX];
    refuse_config(config_of(NULL, "/nonexistent/jwks.json"), "/nonexistent/jwks.json: No such file");
    refuse_config(config_of(NULL, "/tmp"), "directory");
    refuse_config(config_of(NULL, "/dev/zero"), "too big");
    refuse_jwks("", "not a JSON object");
    refuse_jwks("{}", "not a JSON object with an array of keys");
    refuse_jwks("{\"keys\":{}}", "not a JSON object with an array of keys");
    refuse_jwks("{\"keys\":[]}", "no RS256 or ES256 key");
    refuse_jwks("{\"keys\":[{\"kty\":\"oct\"}]}", "no RS256 or ES256 key");
    refuse_jwks("{\"keys\":[{\"kty\":1}]}", "keys[0]: not strict JSON");
    refuse_jwks("{\"keys\":[{\"kty\":\"RSA\",\"e\":\"AQAB\"}]}", "keys[0]: n or e");
    refuse_jwks("{\"keys\":[{},{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"////\"}]}", "keys[1]: n or e");
    refuse_jwks("{\"keys\":[{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"_____w\"}]}",
                "keys[0]: an RSA key below 2048 bits");
    refuse_jwks("{\"keys\":[{\"kty\":\"RSA\",\"e\":\"AQ\",\"n\":\"_____w\"}]}", "keys[0]: e is even or 1");
    refuse_jwks("{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}]}",
                "keys[0]: x or y");
    refuse_jwks(
        "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
        "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5aA\"}]}",
        "keys[0]: not a");
    strcpy(jwks, "{\"keys\":[");
    forge_jwk(jwks, rsa_key, "r1", ",\"d\":\"AAAA\"");
    refuse_jwks(strcat(jwks, "]}"), "keys[0]: a private key");
    strcpy(jwks, "{\"keys\":[");
    forge_jwk(jwks, rsa_key, "r1", "");
    strcat(jwks, ",");
    forge_jwk(jwks, rsa_key_two, "r1", "");
    refuse_jwks(strcat(jwks, "]}"), "keys[1]: two keys with the same kid");
}

static void an_rsa_key_of_1024_bits_is_refused(void **state)
{
    (void)state;
    char jwks[FORGE_TEXT_MAX] = "{\"keys\":[";
    EVP_PKEY *weak = EVP_RSA_gen(1024);
    forge_jwk(jwks, weak, "weak", "");
    refuse_jwks(strcat(jwks, "]}"), "keys[0]: an RSA key below 2048 bits");
    EVP_PKEY_free(weak);
}

static void more_keys_than_the_limit_are_refused(void **state)
{
    (void)state;
    static char jwks[64 * 1024] = "{\"keys\":[";
    for (int i = 0; i <= 32; i++) {
        char kid[16];
        snprintf(kid, sizeof kid, "k%d", i);
        if (i > 0) strcat(jwks, ",");
        forge_jwk(jwks, ec_key, kid, "");
    }
    refuse_jwks(strcat(jwks, "]}"), "keys[32]: more than 32 keys");
}

static void secrets_that_protect_nothing_are_refused(void **state)
{
    (void)state;
    struct token_config no_issuer = config_of(secret, NULL), no_audience = config_of(secret, NULL);
    no_issuer.issuer = "";
    no_audience.audience = "";
    refuse_config(config_of(NULL, NULL), "neither an HS256 secret nor a JWKS file");
    refuse_config(config_of("", ""), "neither an HS256 secret nor a JWKS file");
    refuse_config(config_of("0123456789abcdef0123456789abcde", NULL), "shorter than 32 bytes");
    refuse_config(config_of(rsa_pem, NULL), "PEM");
    refuse_config(no_issuer, "issuer");
    refuse_config(no_audience, "audience");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures_of_the_rfc_fit),
        cmocka_unit_test(keys_rotate_by_kid),
        cmocka_unit_test(keys_of_other_kinds_are_skipped),
        cmocka_unit_test(bad_key_sets_are_refused_with_their_place),
        cmocka_unit_test(an_rsa_key_of_1024_bits_is_refused),
        cmocka_unit_test(more_keys_than_the_limit_are_refused),
        cmocka_unit_test(secrets_that_protect_nothing_are_refused),
    };
    return cmocka_run_group_tests(tests, make_keys, free_keys);
}
