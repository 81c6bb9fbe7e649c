/* token_keyring.h -- keys of every kind and a verifier that knows them, for the tests of tokens. */
#ifndef DUELPOD_TESTS_TOKEN_KEYRING_H
#define DUELPOD_TESTS_TOKEN_KEYRING_H

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

static inline struct token_config config_of(const char *hs256_secret, const char *jwks_file)
{
    return (struct token_config){hs256_secret, jwks_file, "us", "game", 5};
}

static inline void write_jwks(const char *text)
{
    FILE *file = fopen(jwks_path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static inline struct token_verifier *open_with(struct token_config config)
{
    char why[256] = "";
    struct token_verifier *opened = token_verifier_open(&config, why, sizeof why);
    if (opened == NULL) fail_msg("refused: %s", why);
    return opened;
}

static inline void refuse_config(struct token_config config, const char *text)
{
    char why[256] = "";
    struct token_verifier *opened = token_verifier_open(&config, why, sizeof why);
    token_verifier_close(opened);
    assert_null(opened);
    if (strstr(why, text) == NULL) fail_msg("expected \"%s\" in: %s", text, why);
}

static inline void refuse_jwks(const char *text, const char *wrong)
{
    write_jwks(text);
    refuse_config(config_of(NULL, jwks_path), wrong);
}

static inline char *public_pem(EVP_PKEY *key)
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

static inline int make_keys(void **state)
{
    (void)state;
    char jwks[FORGE_TEXT_MAX] = "{\"keys\":[";
    int fd = mkstemp(jwks_path);
    if (fd < 0 || close(fd) != 0) return 1;
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

static inline int free_keys(void **state)
{
    (void)state;
    token_verifier_close(verifier);
    EVP_PKEY_free(rsa_key);
    EVP_PKEY_free(rsa_key_two);
    EVP_PKEY_free(ec_key);
    free(rsa_pem);
    return unlink(jwks_path);
}

static inline enum token_result verify_text(const char *text)
{
    struct token_claims claims;
    return token_verify(verifier, bytes_of_text(text), now_s, &claims);
}

static inline void expect(enum token_result expected)
{
    enum token_result result = verify_text(token);
    if (result != expected) {
        fail_msg("expected %s, got %s: %s", token_result_name(expected), token_result_name(result), token);
    }
}

#endif
