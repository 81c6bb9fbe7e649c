/* token_forge.h -- makes good and evil tokens and key sets for the tests, on OpenSSL alone: nothing of the
 * code under test is used, so a mistake there cannot hide itself. */
#ifndef DUELPOD_TESTS_TOKEN_FORGE_H
#define DUELPOD_TESTS_TOKEN_FORGE_H

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base.h"

enum { FORGE_TEXT_MAX = 16384 };

/* Appends `data` in base64url to `text`. */
static inline void forge_append(char *text, const void *data, size_t length)
{
    char *at = text + strlen(text);
    int written = EVP_EncodeBlock((unsigned char *)at, data, (int)length);
    while (written > 0 && at[written - 1] == '=') written--;
    at[written] = '\0';
    for (; *at != '\0'; at++) {
        if (*at == '+') *at = '-';
        if (*at == '/') *at = '_';
    }
}

/* header.claims, without a signature. */
static inline void forge_start(char *token, const char *header, const char *claims)
{
    token[0] = '\0';
    forge_append(token, header, strlen(header));
    strcat(token, ".");
    forge_append(token, claims, strlen(claims));
}

static inline void forge_hmac(char *token, const void *secret, size_t length)
{
    unsigned char signature[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    HMAC(EVP_sha256(), secret, (int)length, (unsigned char *)token, strlen(token), signature, &size);
    strcat(token, ".");
    forge_append(token, signature, size);
}

static inline size_t forge_der_to_jws(unsigned char *signature, size_t length)
{
    const unsigned char *at = signature;
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &at, (long)length);
    check(pair != NULL);
    check(BN_bn2binpad(ECDSA_SIG_get0_r(pair), signature, 32) == 32);
    check(BN_bn2binpad(ECDSA_SIG_get0_s(pair), signature + 32, 32) == 32);
    ECDSA_SIG_free(pair);
    return 64;
}

/* The bytes of an RS256 or ES256 signature, by the kind of key. */
static inline size_t forge_signature(const char *token, EVP_PKEY *key, unsigned char *out, size_t length)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    check(EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1);
    check(EVP_DigestSign(context, out, &length, (const unsigned char *)token, strlen(token)) == 1);
    EVP_MD_CTX_free(context);
    return EVP_PKEY_is_a(key, "EC") ? forge_der_to_jws(out, length) : length;
}

static inline void forge_sign(char *token, EVP_PKEY *key)
{
    unsigned char signature[1024];
    size_t length = forge_signature(token, key, signature, sizeof signature);
    strcat(token, ".");
    forge_append(token, signature, length);
}

static inline void forge_append_number(char *text, EVP_PKEY *key, const char *name, int pad)
{
    unsigned char bytes[1024];
    BIGNUM *number = NULL;
    check(EVP_PKEY_get_bn_param(key, name, &number) == 1);
    int length = pad > 0 ? BN_bn2binpad(number, bytes, pad) : BN_bn2bin(number, bytes);
    check(length > 0);
    forge_append(text, bytes, (size_t)length);
    BN_free(number);
}

/* Appends one JWK; `more` is put behind the other members. */
static inline void forge_jwk(char *text, EVP_PKEY *key, const char *kid, const char *more)
{
    bool is_rsa = EVP_PKEY_is_a(key, "RSA");
    char *end = text + strlen(text);
    sprintf(end, "{\"kid\":\"%s\",\"kty\":\"%s\"", kid,
            is_rsa ? "RSA\",\"n\":\"" : "EC\",\"crv\":\"P-256\",\"x\":\"");
    text[strlen(text) - 1] = '\0';
    forge_append_number(text, key, is_rsa ? OSSL_PKEY_PARAM_RSA_N : OSSL_PKEY_PARAM_EC_PUB_X,
                        is_rsa ? 0 : 32);
    strcat(text, is_rsa ? "\",\"e\":\"" : "\",\"y\":\"");
    forge_append_number(text, key, is_rsa ? OSSL_PKEY_PARAM_RSA_E : OSSL_PKEY_PARAM_EC_PUB_Y,
                        is_rsa ? 0 : 32);
    strcat(text, "\"");
    strcat(text, more);
    strcat(text, "}");
}

#endif
