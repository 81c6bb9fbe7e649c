#include "common/token.h"

#include <inttypes.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <openssl/pem.h>

#include <cmocka.h>

#include "common/clock.h"
#include "common/rng.h"
#include "common/token_mint.h"
#include "tests/unit/token_forge.h"

static const int64_t now_s = 1700000000;
static const char secret[] = "0123456789abcdef0123456789abcdef";
static const char good_claims[] = "{\"sub\":\"player-1\",\"iss\":\"us\",\"aud\":\"game\",\"iat\":1699999990,"
                                  "\"exp\":1700000060}";

static char jwks_path[] = "/tmp/token_test.XXXXXX";
static EVP_PKEY *rsa_key, *rsa_key_two, *ec_key;
static char *rsa_pem;
static char token[FORGE_TEXT_MAX];
static struct token_verifier *verifier; /* The secret, RSA "r1", EC "e1". */

static struct token_config config_of(const char *hs256_secret, const char *jwks_file)
{
    return (struct token_config){hs256_secret, jwks_file, "us", "game", 5};
}

static void write_jwks(const char *text)
{
    FILE *file = fopen(jwks_path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static struct token_verifier *open_with(struct token_config config)
{
    char why[256] = "";
    struct token_verifier *opened = token_verifier_open(&config, why, sizeof why);
    if (opened == NULL) fail_msg("refused: %s", why);
    return opened;
}

static void refuse_config(struct token_config config, const char *text)
{
    char why[256] = "";
    struct token_verifier *opened = token_verifier_open(&config, why, sizeof why);
    token_verifier_close(opened);
    assert_null(opened);
    if (strstr(why, text) == NULL) fail_msg("expected \"%s\" in: %s", text, why);
}

static void refuse_jwks(const char *text, const char *wrong)
{
    write_jwks(text);
    refuse_config(config_of(NULL, jwks_path), wrong);
}

static char *public_pem(EVP_PKEY *key)
{
    BIO *memory = BIO_new(BIO_s_mem());
    char *data, *text;
    check(PEM_write_bio_PUBKEY(memory, key) == 1);
    size_t length = (size_t)BIO_get_mem_data(memory, &data);
    text = memory_new(length + 1);
    memcpy(text, data, length);
    BIO_free(memory);
    return text;
}

static int make_keys(void **state)
{
    (void)state;
    char jwks[FORGE_TEXT_MAX] = "{\"keys\":[";
    if (mkstemp(jwks_path) < 0) return 1;
    rsa_key = EVP_RSA_gen(2048);
    rsa_key_two = EVP_RSA_gen(2048);
    ec_key = EVP_EC_gen("P-256");
    rsa_pem = public_pem(rsa_key);
    forge_jwk(jwks, rsa_key, "r1", ",\"alg\":\"RS256\",\"use\":\"sig\"");
    strcat(jwks, ",");
    forge_jwk(jwks, ec_key, "e1", "");
    strcat(jwks, "]}");
    write_jwks(jwks);
    verifier = open_with(config_of(secret, jwks_path));
    return 0;
}

static int free_keys(void **state)
{
    (void)state;
    token_verifier_close(verifier);
    EVP_PKEY_free(rsa_key);
    EVP_PKEY_free(rsa_key_two);
    EVP_PKEY_free(ec_key);
    free(rsa_pem);
    return unlink(jwks_path);
}

static enum token_result verify_text(const char *text)
{
    struct token_claims claims;
    return token_verify(verifier, bytes_of_text(text), now_s, &claims);
}

static void expect(enum token_result expected)
{
    enum token_result result = verify_text(token);
    if (result != expected) {
        fail_msg("expected %s, got %s: %s", token_result_name(expected), token_result_name(result), token);
    }
}

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
    refuse_config(config_of(NULL, "/dev/zero"), "larger than 256 KiB");
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
        cmocka_unit_test(signatures_of_the_rfc_fit),
        cmocka_unit_test(keys_rotate_by_kid),
        cmocka_unit_test(keys_of_other_kinds_are_skipped),
        cmocka_unit_test(bad_key_sets_are_refused_with_their_place),
        cmocka_unit_test(an_rsa_key_of_1024_bits_is_refused),
        cmocka_unit_test(more_keys_than_the_limit_are_refused),
        cmocka_unit_test(secrets_that_protect_nothing_are_refused),
        cmocka_unit_test(results_have_names_and_sentences),
    };
    return cmocka_run_group_tests(tests, make_keys, free_keys);
}
