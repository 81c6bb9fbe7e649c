#include "common/token_keys.h"

#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "common/token.h"
#include "common/token_key.h"

enum { JWKS_BYTES_MAX = 256 * 1024, ES256_HALF = 32, ES256_DER_MAX = 80 };

struct token_keys {
    struct token_key keys[TOKEN_KEYS_MAX];
    size_t count;
};

bool token_algorithm_parse(const char *name, enum token_algorithm *out)
{
    static const char *const names[TOKEN_ALGORITHM_COUNT] = {"HS256", "RS256", "ES256"};
    for (size_t i = 0; i < TOKEN_ALGORITHM_COUNT; i++) {
        if (strcmp(names[i], name) != 0) continue;
        *out = (enum token_algorithm)i;
        return true;
    }
    return false;
}

struct token_keys *token_keys_new(void)
{
    return memory_new(sizeof(struct token_keys));
}

void token_keys_free(struct token_keys *keys)
{
    if (keys == NULL) return;
    for (size_t i = 0; i < keys->count; i++) EVP_PKEY_free(keys->keys[i].public_key);
    OPENSSL_cleanse(keys, sizeof *keys);
    free(keys);
}

size_t token_keys_count(const struct token_keys *keys)
{
    return keys->count;
}

bool token_keys_add_secret(struct token_keys *keys, const char *secret, char *why, size_t why_size)
{
    size_t length = strlen(secret);
    const char *wrong = NULL;
    if (length < TOKEN_SECRET_BYTES_MIN) wrong = "the HS256 secret is shorter than 32 bytes";
    if (length > TOKEN_SECRET_MAX) wrong = "the HS256 secret is longer than 256 bytes";
    if (strstr(secret, "-----BEGIN") != NULL) wrong = "the HS256 secret is a PEM file";
    if (wrong != NULL) {
        snprintf(why, why_size, "%s", wrong);
        return false;
    }
    check(keys->count < TOKEN_KEYS_MAX);
    struct token_key *key = &keys->keys[keys->count++];
    *key = (struct token_key){.algorithm = TOKEN_HS256, .secret_length = length};
    memcpy(key->secret, secret, length);
    return true;
}

/* ---- the file */

static const char *keys_add(struct token_keys *keys, const struct token_key *key)
{
    if (keys->count == TOKEN_KEYS_MAX) return "more than 32 keys";
    for (size_t i = 0; i < keys->count; i++) {
        bool same_kind = keys->keys[i].algorithm == key->algorithm;
        if (same_kind && strcmp(keys->keys[i].kid, key->kid) == 0) return "two keys with the same kid";
    }
    keys->keys[keys->count++] = *key;
    return NULL;
}

/* Reads the array of keys; NULL or what is wrong. `index` is that of the key being read. */
static const char *keys_read_array(struct token_keys *keys, struct json_reader *reader, size_t *index)
{
    struct json_nest array;
    if (!json_enter_array(reader, &array)) return NULL;
    for (*index = 0; json_next_item(reader, &array); ++*index) {
        struct token_key key;
        const char *why;
        enum jwk_result result = token_jwk_read(reader, &key, &why);
        if (result == JWK_BAD) return why;
        if (result == JWK_TAKEN) why = keys_add(keys, &key);
        if (why == NULL) continue;
        EVP_PKEY_free(key.public_key);
        return why;
    }
    return NULL;
}

static const char *keys_read_set(struct token_keys *keys, struct bytes text, size_t *index)
{
    struct json_reader reader;
    struct json_nest object;
    char name[8];
    const char *wrong = NULL;
    bool found = false;
    json_open(&reader, text);
    json_enter_object(&reader, &object);
    while (wrong == NULL && json_next_member(&reader, &object, name, sizeof name)) {
        bool is_keys = strcmp(name, "keys") == 0;
        found |= is_keys;
        if (is_keys) wrong = keys_read_array(keys, &reader, index);
        if (!is_keys) json_skip(&reader);
    }
    if (wrong != NULL) return wrong;
    *index = SIZE_MAX;
    return json_close(&reader) && found ? NULL : "not a JSON object with an array of keys";
}

bool token_keys_load(struct token_keys *keys, const char *path, char *why, size_t why_size)
{
    struct bytes text;
    size_t index = SIZE_MAX, count_before = keys->count;
    if (!file_read(path, JWKS_BYTES_MAX, &text, why, why_size)) return false;
    const char *wrong = keys_read_set(keys, text, &index);
    free((char *)text.data);
    ERR_clear_error();
    if (wrong == NULL && keys->count == count_before) wrong = "no RS256 or ES256 key";
    if (wrong == NULL) return true;
    if (index == SIZE_MAX) snprintf(why, why_size, "%.200s: %s", path, wrong);
    if (index != SIZE_MAX) snprintf(why, why_size, "%.200s: keys[%zu]: %s", path, index, wrong);
    return false;
}

/* ---- use */

const struct token_key *token_keys_find(const struct token_keys *keys, enum token_algorithm algorithm,
                                        const char *kid)
{
    const struct token_key *found = NULL;
    bool any_kid = algorithm == TOKEN_HS256 || kid[0] == '\0';
    for (size_t i = 0; i < keys->count; i++) {
        const struct token_key *key = &keys->keys[i];
        if (key->algorithm != algorithm) continue;
        if (!any_kid && strcmp(key->kid, kid) != 0) continue;
        if (found != NULL) return NULL;
        found = key;
    }
    return found;
}

static bool hmac_fits(const struct token_key *key, struct bytes text, const uint8_t *signature, size_t length)
{
    uint8_t expected[EVP_MAX_MD_SIZE];
    unsigned expected_length = 0;
    const unsigned char *made =
        HMAC(EVP_sha256(), key->secret, (int)key->secret_length, (const unsigned char *)text.data,
             text.length, expected, &expected_length);
    check(made != NULL && expected_length == 32);
    return length == expected_length && CRYPTO_memcmp(expected, signature, length) == 0;
}

static bool public_key_fits(EVP_PKEY *key, struct bytes text, const uint8_t *signature, size_t length)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    check(context != NULL);
    bool fits =
        EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
        EVP_DigestVerify(context, signature, length, (const unsigned char *)text.data, text.length) == 1;
    EVP_MD_CTX_free(context);
    if (!fits) ERR_clear_error();
    return fits;
}

/* JWS has r and s side by side (RFC 7518, 3.4), OpenSSL wants them in DER. */
static size_t es256_to_der(const uint8_t *signature, uint8_t der[ES256_DER_MAX])
{
    ECDSA_SIG *pair = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(signature, ES256_HALF, NULL);
    BIGNUM *s = BN_bin2bn(signature + ES256_HALF, ES256_HALF, NULL);
    check(pair != NULL && r != NULL && s != NULL && ECDSA_SIG_set0(pair, r, s) == 1);
    uint8_t *end = der;
    int length = i2d_ECDSA_SIG(pair, &end);
    check(length > 0 && length <= ES256_DER_MAX);
    ECDSA_SIG_free(pair);
    return (size_t)length;
}

static bool es256_fits(const struct token_key *key, struct bytes text, const uint8_t *signature,
                       size_t length)
{
    uint8_t der[ES256_DER_MAX];
    if (length != 2 * ES256_HALF) return false;
    return public_key_fits(key->public_key, text, der, es256_to_der(signature, der));
}

bool token_key_fits(const struct token_key *key, struct bytes signed_text, const uint8_t *signature,
                    size_t signature_length)
{
    switch (key->algorithm) {
    case TOKEN_HS256: return hmac_fits(key, signed_text, signature, signature_length);
    case TOKEN_RS256: return public_key_fits(key->public_key, signed_text, signature, signature_length);
    case TOKEN_ES256: return es256_fits(key, signed_text, signature, signature_length);
    case TOKEN_ALGORITHM_COUNT: break;
    }
    return false;
}
