/* token_key.h -- one key, for token_keys.c and token_jwk.c only. */
#ifndef DUELPOD_TOKEN_KEY_H
#define DUELPOD_TOKEN_KEY_H

#include <openssl/evp.h>

#include "common/json_reader.h"
#include "common/token_keys.h"

enum { TOKEN_SECRET_MAX = 256 };

struct token_key {
    enum token_algorithm algorithm;
    char kid[TOKEN_KID_MAX + 1];
    EVP_PKEY *public_key;                   /* RS256, ES256. */
    unsigned char secret[TOKEN_SECRET_MAX]; /* HS256. */
    size_t secret_length;
};

enum jwk_result { JWK_TAKEN, JWK_SKIPPED, JWK_BAD };

/* Reads the JWK object that comes next into `key`. JWK_BAD: `why` says what is wrong with it. */
enum jwk_result token_jwk_read(struct json_reader *reader, struct token_key *key, const char **why);

#endif
