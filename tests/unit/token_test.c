#include "tests/unit/token_keyring.h"

static void expect_hs256(const char *claims, enum token_result expected)
{
    forge_start(token, "{\"alg\":\"HS256\",\"typ\":\"JWT\"}", claims);
    forge_hmac(token, secret, strlen(secret));
    expect(expected);
}

/* Good but for one member: `claims` has %s where sub, iss, aud and exp stand. */
static void expect_with(const char *member, enum token_result expected)
{
    static const char *const defaults[] = {"\"sub\":\"player-1\"", "\"iss\":\"us\"", "\"aud\":\"game\"",
                                           "\"exp\":1700000060"};
    char claims[FORGE_TEXT_MAX] = "{\"x\":1";
    size_t name = strcspn(member, ":");
    for (size_t i = 0; i < ARRAY_LENGTH(defaults); i++) {
        if (name > 0 && strncmp(defaults[i], member, name) == 0) continue;
        strcat(strcat(claims, ","), defaults[i]);
    }
    if (strchr(member, ':') != NULL && member[name + 1] != '\0') strcat(strcat(claims, ","), member);
    strcat(claims, "}");
    expect_hs256(claims, expected);
}

static void expect_header(const char *header, enum token_result expected)
{
    forge_start(token, header, good_claims);
    forge_hmac(token, secret, strlen(secret));
    expect(expected);
}

static void good_tokens_of_every_algorithm_are_taken(void **state)
{
    (void)state;
    struct token_claims claims = {.subject = ""};
    expect_hs256(good_claims, TOKEN_GOOD);
    assert_int_equal(token_verify(verifier, bytes_of_text(token), now_s, &claims), TOKEN_GOOD);
    assert_string_equal(claims.subject, "player-1");
    assert_int_equal(claims.issued_at_s, 1699999990);
    assert_int_equal(claims.expires_at_s, 1700000060);
    forge_start(token, "{\"alg\":\"RS256\",\"kid\":\"r1\"}", good_claims);
    forge_sign(token, rsa_key);
    expect(TOKEN_GOOD);
    forge_start(token, "{\"kid\":\"e1\",\"alg\":\"ES256\"}", good_claims);
    forge_sign(token, ec_key);
    expect(TOKEN_GOOD);
    assert_int_equal(token_verifier_key_count(verifier), 3);
}

static void minted_tokens_are_taken_until_they_expire(void **state)
{
    (void)state;
    struct token_claims claims;
    char *minted = token_mint_hs256(secret, "player_2", "us", "game", now_s, 100);
    assert_non_null(minted);
    struct bytes text = bytes_of_text(minted);
    assert_int_equal(token_verify(verifier, text, now_s, &claims), TOKEN_GOOD);
    assert_string_equal(claims.subject, "player_2");
    assert_int_equal(claims.expires_at_s, now_s + 100);
    assert_int_equal(token_verify(verifier, text, now_s + 104, &claims), TOKEN_GOOD);
    assert_int_equal(token_verify(verifier, text, now_s + 105, &claims), TOKEN_EXPIRED);
    assert_int_equal(token_verify(verifier, text, now_s - 5, &claims), TOKEN_GOOD);
    assert_int_equal(token_verify(verifier, text, now_s - 6, &claims), TOKEN_NOT_YET);
    free(minted);
    assert_null(token_mint_hs256("short", "p", "us", "game", now_s, 100));
}

static void unsigned_and_foreign_algorithms_are_refused(void **state)
{
    (void)state;
    const char *algorithms[] = {"none",  "None",  "NONE",  "nOnE",  "",     "HS384",
                                "HS512", "hs256", "RS384", "PS256", "EdDSA"};
    for (size_t i = 0; i < ARRAY_LENGTH(algorithms); i++) {
        char header[64];
        snprintf(header, sizeof header, "{\"alg\":\"%s\"}", algorithms[i]);
        enum token_result expected = algorithms[i][0] == '\0' ? TOKEN_BAD_HEADER : TOKEN_UNKNOWN_KEY;
        expect_header(header, expected);
        forge_start(token, header, good_claims);
        strcat(token, ".");
        expect(TOKEN_BAD_SHAPE);
        strcat(token, "AA");
        expect(expected);
    }
}

/* The classic: an HMAC made with the public key, which everybody has. */
static void a_public_key_is_no_hmac_secret(void **state)
{
    (void)state;
    forge_start(token, "{\"alg\":\"HS256\",\"kid\":\"r1\"}", good_claims);
    forge_hmac(token, rsa_pem, strlen(rsa_pem));
    expect(TOKEN_BAD_SIGNATURE);
}

static void without_a_secret_no_hs256_token_is_taken(void **state)
{
    (void)state;
    struct token_claims claims;
    struct token_verifier *public_only = open_with(config_of("", jwks_path));
    const char *secrets[] = {"", rsa_pem, secret};
    for (size_t i = 0; i < ARRAY_LENGTH(secrets); i++) {
        forge_start(token, "{\"alg\":\"HS256\",\"kid\":\"r1\"}", good_claims);
        forge_hmac(token, secrets[i], strlen(secrets[i]));
        assert_int_equal(token_verify(public_only, bytes_of_text(token), now_s, &claims), TOKEN_UNKNOWN_KEY);
    }
    token_verifier_close(public_only);
}

static void a_key_verifies_only_its_own_algorithm_and_kid(void **state)
{
    (void)state;
    const struct {
        const char *header;
        EVP_PKEY *key;
        enum token_result expected;
    } cases[] = {
        {"{\"alg\":\"RS256\",\"kid\":\"e1\"}", rsa_key, TOKEN_UNKNOWN_KEY},
        {"{\"alg\":\"ES256\",\"kid\":\"r1\"}", ec_key, TOKEN_UNKNOWN_KEY},
        {"{\"alg\":\"RS256\",\"kid\":\"r2\"}", rsa_key, TOKEN_UNKNOWN_KEY},
        {"{\"alg\":\"RS256\",\"kid\":\"R1\"}", rsa_key, TOKEN_UNKNOWN_KEY},
        {"{\"alg\":\"RS256\"}", rsa_key, TOKEN_GOOD},
        {"{\"alg\":\"RS256\",\"kid\":\"r1\"}", rsa_key_two, TOKEN_BAD_SIGNATURE},
        {"{\"alg\":\"RS256\",\"kid\":\"r1\"}", ec_key, TOKEN_BAD_SIGNATURE},
        {"{\"alg\":\"ES256\",\"kid\":\"e1\"}", rsa_key, TOKEN_BAD_SIGNATURE},
        {"{\"alg\":\"RS256\",\"kid\":1}", rsa_key, TOKEN_BAD_HEADER},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        forge_start(token, cases[i].header, good_claims);
        forge_sign(token, cases[i].key);
        expect(cases[i].expected);
    }
}

static void headers_that_bring_rules_or_keys_are_refused(void **state)
{
    (void)state;
    const char *members[] = {"\"crit\":[\"exp\"]",
                             "\"crit\":[]",
                             "\"b64\":false",
                             "\"jwk\":{\"kty\":\"oct\"}",
                             "\"jku\":\"https://evil.example\"",
                             "\"x5u\":\"https://evil.example\"",
                             "\"x5c\":[]"};
    for (size_t i = 0; i < ARRAY_LENGTH(members); i++) {
        char header[128];
        snprintf(header, sizeof header, "{\"alg\":\"HS256\",%s}", members[i]);
        expect_header(header, TOKEN_FORBIDDEN_HEADER);
    }
    expect_header("{\"alg\":\"HS256\",\"typ\":\"at+jwt\",\"extra\":{\"a\":[1]}}", TOKEN_GOOD);
}

static void headers_are_strict_json(void **state)
{
    (void)state;
    const char *headers[] = {"{}",
                             "[]",
                             "\"HS256\"",
                             "{\"alg\":\"HS256\"",
                             "{\"alg\":\"HS256\"}}",
                             "{\"alg\":\"HS256\"} x",
                             "{\"alg\":\"HS256\",\"alg\":\"HS256\"}",
                             "{\"alg\":\"none\",\"\\u0061lg\":\"HS256\"}",
                             "{\"alg\":[\"HS256\"]}",
                             "{\"alg\":null}",
                             "{\"Alg\":\"HS256\"}",
                             "{\"alg\":\"HS256\\u0000\"}",
                             "{\"alg\":\"HS256\",\"a\":\"\xff\"}",
                             "\xEF\xBB\xBF{\"alg\":\"HS256\"}"};
    for (size_t i = 0; i < ARRAY_LENGTH(headers); i++) expect_header(headers[i], TOKEN_BAD_HEADER);
}

static void tokens_have_exactly_three_strict_parts(void **state)
{
    (void)state;
    expect_hs256(good_claims, TOKEN_GOOD);
    char good[FORGE_TEXT_MAX], *claims, *signature;
    strcpy(good, token);
    claims = strchr(good, '.') + 1;
    signature = strchr(claims, '.') + 1;
    const char *ends[] = {".", ".AA", "=", "==", " ", "\n", "A", "+", "/"};
    for (size_t i = 0; i < ARRAY_LENGTH(ends); i++) {
        snprintf(token, sizeof token, "%s%s", good, ends[i]);
        assert_int_not_equal(verify_text(token), TOKEN_GOOD);
    }
    const char *starts[] = {" ", ".", "AA.", "Bearer ", "\"", "="};
    for (size_t i = 0; i < ARRAY_LENGTH(starts); i++) {
        snprintf(token, sizeof token, "%s%s", starts[i], good);
        assert_int_not_equal(verify_text(token), TOKEN_GOOD);
    }
    const char *shapes[] = {"", ".", "..", "...", "a", "a.b", ".b.c", "a..c", "a.b."};
    for (size_t i = 0; i < ARRAY_LENGTH(shapes); i++)
        assert_int_equal(verify_text(shapes[i]), TOKEN_BAD_SHAPE);
    signature[-1] = '\0';
    assert_int_equal(verify_text(good), TOKEN_BAD_SHAPE);
    signature[-1] = '.';
    assert_int_equal(verify_text(good), TOKEN_GOOD);
}

/* base64 of the same bytes may be written in several ways; only one of them is a token. */
static void every_changed_character_is_noticed(void **state)
{
    (void)state;
    EVP_PKEY *keys[] = {NULL, rsa_key, ec_key};
    const char *headers[] = {"{\"alg\":\"HS256\"}", "{\"alg\":\"RS256\",\"kid\":\"r1\"}",
                             "{\"alg\":\"ES256\",\"kid\":\"e1\"}"};
    for (size_t k = 0; k < ARRAY_LENGTH(keys); k++) {
        forge_start(token, headers[k], good_claims);
        if (keys[k] == NULL) forge_hmac(token, secret, strlen(secret));
        if (keys[k] != NULL) forge_sign(token, keys[k]);
        expect(TOKEN_GOOD);
        for (char *at = token; *at != '\0'; at++) {
            char before = *at;
            *at = before == 'A' ? 'B' : 'A';
            assert_int_not_equal(verify_text(token), TOKEN_GOOD);
            *at = before == '.' ? '_' : (char)(before + 1);
            assert_int_not_equal(verify_text(token), TOKEN_GOOD);
            *at = before;
        }
    }
}

/* A good signature with bytes missing at its end or added there. */
static void signatures_have_exactly_their_length(void **state)
{
    (void)state;
    unsigned char signature[EVP_MAX_MD_SIZE + 64] = {0};
    unsigned size = 0;
    forge_start(token, "{\"alg\":\"HS256\"}", good_claims);
    HMAC(EVP_sha256(), secret, (int)strlen(secret), (unsigned char *)token, strlen(token), signature, &size);
    size_t start = strlen(strcat(token, "."));
    for (size_t length = 1; length <= 64; length++) {
        token[start] = '\0';
        forge_append(token, signature, length);
        expect(length == size ? TOKEN_GOOD : TOKEN_BAD_SIGNATURE);
    }
    forge_start(token, "{\"alg\":\"ES256\",\"kid\":\"e1\"}", good_claims);
    size = (unsigned)forge_signature(token, ec_key, signature, sizeof signature);
    start = strlen(strcat(token, "."));
    for (size_t length = 60; length <= 68; length++) {
        token[start] = '\0';
        forge_append(token, signature, length);
        expect(length == size ? TOKEN_GOOD : TOKEN_BAD_SIGNATURE);
    }
}

static void es256_signatures_have_one_form(void **state)
{
    (void)state;
    unsigned char zeros[64] = {0};
    for (size_t length = 1; length <= sizeof zeros; length++) {
        forge_start(token, "{\"alg\":\"ES256\",\"kid\":\"e1\"}", good_claims);
        strcat(token, ".");
        forge_append(token, zeros, length);
        expect(TOKEN_BAD_SIGNATURE);
    }
    unsigned char der[128];
    size_t length = sizeof der;
    forge_start(token, "{\"alg\":\"ES256\",\"kid\":\"e1\"}", good_claims);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    check(EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, ec_key) == 1);
    check(EVP_DigestSign(context, der, &length, (unsigned char *)token, strlen(token)) == 1);
    EVP_MD_CTX_free(context);
    strcat(token, ".");
    forge_append(token, der, length);
    expect(TOKEN_BAD_SIGNATURE);
}

static void times_are_required_exact_and_believed_within_the_leeway(void **state)
{
    (void)state;
    expect_with("\"exp\":", TOKEN_NO_EXPIRY);
    expect_with("\"exp\":1699999996", TOKEN_GOOD);
    expect_with("\"exp\":1699999995", TOKEN_EXPIRED);
    expect_with("\"exp\":0", TOKEN_EXPIRED);
    expect_with("\"exp\":-1", TOKEN_EXPIRED);
    expect_with("\"exp\":\"1700000060\"", TOKEN_BAD_CLAIMS);
    expect_with("\"exp\":1700000060.5", TOKEN_BAD_CLAIMS);
    expect_with("\"exp\":1.7e9", TOKEN_BAD_CLAIMS);
    expect_with("\"exp\":9007199254740992", TOKEN_BAD_CLAIMS);
    expect_with("\"exp\":null", TOKEN_BAD_CLAIMS);
    expect_with("\"exp\":true", TOKEN_BAD_CLAIMS);
    expect_with("\"nbf\":1700000005", TOKEN_GOOD);
    expect_with("\"nbf\":1700000006", TOKEN_NOT_YET);
    expect_with("\"nbf\":\"0\"", TOKEN_BAD_CLAIMS);
    expect_with("\"iat\":1700000005", TOKEN_GOOD);
    expect_with("\"iat\":1700000006", TOKEN_NOT_YET);
    expect_with("\"iat\":-9007199254740991", TOKEN_GOOD);
    expect_with("\"iat\":[]", TOKEN_BAD_CLAIMS);
}

static void issuer_and_audience_are_exact(void **state)
{
    (void)state;
    char long_issuer[400];
    expect_with("\"iss\":", TOKEN_WRONG_ISSUER);
    expect_with("\"iss\":\"us2\"", TOKEN_WRONG_ISSUER);
    expect_with("\"iss\":\"US\"", TOKEN_WRONG_ISSUER);
    expect_with("\"iss\":\"u\"", TOKEN_WRONG_ISSUER);
    expect_with("\"iss\":[\"us\"]", TOKEN_BAD_CLAIMS);
    snprintf(long_issuer, sizeof long_issuer, "\"iss\":\"us%0300d\"", 0);
    expect_with(long_issuer, TOKEN_WRONG_ISSUER);
    expect_with("\"iss\":\"\\u0075s\"", TOKEN_GOOD);
    expect_with("\"aud\":", TOKEN_WRONG_AUDIENCE);
    expect_with("\"aud\":\"games\"", TOKEN_WRONG_AUDIENCE);
    expect_with("\"aud\":[]", TOKEN_WRONG_AUDIENCE);
    expect_with("\"aud\":[\"a\",\"b\"]", TOKEN_WRONG_AUDIENCE);
    expect_with("\"aud\":[\"a\",\"game\"]", TOKEN_GOOD);
    expect_with("\"aud\":[\"game\",\"a\"]", TOKEN_GOOD);
    expect_with("\"aud\":[[\"game\"]]", TOKEN_BAD_CLAIMS);
    expect_with("\"aud\":{\"game\":1}", TOKEN_BAD_CLAIMS);
    expect_with("\"aud\":[1,\"game\"]", TOKEN_BAD_CLAIMS);
}

static void subjects_have_a_narrow_alphabet(void **state)
{
    (void)state;
    const char *bad[] = {"",
                         "a b",
                         "a:b",
                         "a*",
                         "{a}",
                         "a.b",
                         "a/b",
                         "\\u00e9",
                         "a\\n",
                         "a\\\"",
                         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        char member[128];
        snprintf(member, sizeof member, "\"sub\":\"%s\"", bad[i]);
        expect_with(member, TOKEN_BAD_SUBJECT);
    }
    expect_with("\"sub\":", TOKEN_BAD_SUBJECT);
    expect_with("\"sub\":1", TOKEN_BAD_CLAIMS);
    expect_with("\"sub\":\"a\\u0000b\"", TOKEN_BAD_CLAIMS);
    expect_with("\"sub\":\"A-Z_09\"", TOKEN_GOOD);
    expect_with("\"sub\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"", TOKEN_GOOD);
}

static void claims_are_strict_json(void **state)
{
    (void)state;
    const char *bad[] = {"", "x", "[]", "null", "{\"exp\":1700000060", "{\"exp\":1700000060}{}"};
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        expect_hs256(bad[i], bad[i][0] == '\0' ? TOKEN_BAD_SHAPE : TOKEN_BAD_CLAIMS);
    }
    expect_hs256("{\"sub\":\"a\",\"sub\":\"a\",\"iss\":\"us\",\"aud\":\"game\",\"exp\":1700000060}",
                 TOKEN_BAD_CLAIMS);
    expect_hs256("{\"sub\":\"a\",\"iss\":\"us\",\"aud\":\"game\",\"exp\":1,\"exp\":1700000060}",
                 TOKEN_BAD_CLAIMS);
    expect_hs256("{\"sub\":\"a\",\"iss\":\"us\",\"aud\":\"game\",\"exp\":1,\"\\u0065xp\":1700000060}",
                 TOKEN_BAD_CLAIMS);
    expect_with("\"deep\":[[[[[[[[1]]]]]]]]", TOKEN_BAD_CLAIMS);
    expect_with("\"roles\":{\"a\":[1,2.5,null,true]}", TOKEN_GOOD);
}

/* A client that hears "expired" fetches a new token and tries again; so it must be the only fault. */
static void expired_is_said_only_when_all_else_is_good(void **state)
{
    (void)state;
    expect_hs256("{\"sub\":\"a\",\"iss\":\"other\",\"aud\":\"game\",\"exp\":1}", TOKEN_WRONG_ISSUER);
    expect_hs256("{\"sub\":\"a b\",\"iss\":\"us\",\"aud\":\"game\",\"exp\":1}", TOKEN_BAD_SUBJECT);
    forge_start(token, "{\"alg\":\"HS256\"}", "{\"sub\":\"a\",\"iss\":\"us\",\"aud\":\"game\",\"exp\":1}");
    forge_hmac(token, "another secret of thirty-two bytes", 34);
    expect(TOKEN_BAD_SIGNATURE);
}

static void tokens_have_a_length_limit(void **state)
{
    (void)state;
    char claims[12000];
    size_t pad = 2800;
    do {
        snprintf(claims, sizeof claims,
                 "{\"sub\":\"a\",\"iss\":\"us\",\"aud\":\"game\",\"exp\":1700000060,\"x\":\"%0*d\"}",
                 (int)pad++, 0);
        forge_start(token, "{\"alg\":\"HS256\"}", claims);
        forge_hmac(token, secret, strlen(secret));
        expect(strlen(token) > TOKEN_BYTES_MAX ? TOKEN_TOO_LONG : TOKEN_GOOD);
    } while (strlen(token) <= TOKEN_BYTES_MAX);
    memset(token, 'a', 10240);
    token[10240] = '\0';
    expect(TOKEN_TOO_LONG);
}

static void random_bytes_are_never_a_token(void **state)
{
    (void)state;
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_..{}\":,";
    struct rng rng;
    rng_init(&rng, 17);
    for (int i = 0; i < 20000; i++) {
        size_t length = rng_below(&rng, 200);
        char *text = malloc(length + 1); /* Exactly this long, so that a sanitizer sees every step too far. */
        struct token_claims claims;
        for (size_t j = 0; j < length; j++) text[j] = alphabet[rng_below(&rng, sizeof alphabet - 1)];
        assert_int_not_equal(token_verify(verifier, (struct bytes){text, length}, now_s, &claims),
                             TOKEN_GOOD);
        free(text);
    }
}

static void results_have_names_and_sentences(void **state)
{
    (void)state;
    for (int i = 0; i < TOKEN_RESULT_COUNT; i++) {
        assert_true(strlen(token_result_name((enum token_result)i)) > 0);
        assert_true(strlen(token_result_sentence((enum token_result)i)) > 0);
    }
    assert_string_equal(token_result_name(TOKEN_EXPIRED), "expired");
}

enum { THREADS = 3, CHECKS = 300 };

static void *check_many(void *context)
{
    (void)context;
    struct token_claims claims;
    size_t good = 0;
    for (int i = 0; i < CHECKS; i++) {
        good += token_verify(verifier, bytes_of_text(token), now_s, &claims) == TOKEN_GOOD;
    }
    return (void *)good;
}

static void many_threads_share_one_verifier(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    forge_start(token, "{\"alg\":\"RS256\",\"kid\":\"r1\"}", good_claims);
    forge_sign(token, rsa_key);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, check_many, NULL), 0);
    for (int i = 0; i < THREADS; i++) {
        void *good;
        pthread_join(threads[i], &good);
        assert_int_equal((size_t)good, CHECKS);
    }
}

static void a_check_takes_microseconds(void **state)
{
    (void)state;
    const struct {
        const char *header;
        EVP_PKEY *key;
    } kinds[] = {{"{\"alg\":\"HS256\"}", NULL},
                 {"{\"alg\":\"RS256\",\"kid\":\"r1\"}", rsa_key},
                 {"{\"alg\":\"ES256\",\"kid\":\"e1\"}", ec_key}};
    for (size_t k = 0; k < ARRAY_LENGTH(kinds); k++) {
        forge_start(token, kinds[k].header, good_claims);
        if (kinds[k].key == NULL) forge_hmac(token, secret, strlen(secret));
        if (kinds[k].key != NULL) forge_sign(token, kinds[k].key);
        int64_t start_us = clock_monotonic_us();
        for (int i = 0; i < 2000; i++) assert_int_equal(verify_text(token), TOKEN_GOOD);
        print_message("%s: %.1f us a check\n", kinds[k].header,
                      (double)(clock_monotonic_us() - start_us) / 2000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_tokens_of_every_algorithm_are_taken),
        cmocka_unit_test(minted_tokens_are_taken_until_they_expire),
        cmocka_unit_test(unsigned_and_foreign_algorithms_are_refused),
        cmocka_unit_test(a_public_key_is_no_hmac_secret),
        cmocka_unit_test(without_a_secret_no_hs256_token_is_taken),
        cmocka_unit_test(a_key_verifies_only_its_own_algorithm_and_kid),
        cmocka_unit_test(headers_that_bring_rules_or_keys_are_refused),
        cmocka_unit_test(headers_are_strict_json),
        cmocka_unit_test(tokens_have_exactly_three_strict_parts),
        cmocka_unit_test(every_changed_character_is_noticed),
        cmocka_unit_test(signatures_have_exactly_their_length),
        cmocka_unit_test(es256_signatures_have_one_form),
        cmocka_unit_test(times_are_required_exact_and_believed_within_the_leeway),
        cmocka_unit_test(issuer_and_audience_are_exact),
        cmocka_unit_test(subjects_have_a_narrow_alphabet),
        cmocka_unit_test(claims_are_strict_json),
        cmocka_unit_test(expired_is_said_only_when_all_else_is_good),
        cmocka_unit_test(tokens_have_a_length_limit),
        cmocka_unit_test(random_bytes_are_never_a_token),
        cmocka_unit_test(many_threads_share_one_verifier),
        cmocka_unit_test(a_check_takes_microseconds),
        cmocka_unit_test(results_have_names_and_sentences),
    };
    return cmocka_run_group_tests(tests, make_keys, free_keys);
}
