#include "common/token.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base64url.h"
#include "common/json_reader.h"
#include "common/token_keys.h"

enum { PART_BYTES_MAX = TOKEN_BYTES_MAX * 3 / 4, CONFIG_TEXT_MAX = 256 };

struct token_verifier {
    struct token_keys *keys;
    char issuer[CONFIG_TEXT_MAX];
    char audience[CONFIG_TEXT_MAX];
    int64_t leeway_s;
};

const char *token_result_name(enum token_result result)
{
    static const char *const names[TOKEN_RESULT_COUNT] = {
#define X(id, name, sentence) name,
        TOKEN_RESULTS(X)
#undef X
    };
    check(result < TOKEN_RESULT_COUNT);
    return names[result];
}

const char *token_result_sentence(enum token_result result)
{
    static const char *const sentences[TOKEN_RESULT_COUNT] = {
#define X(id, name, sentence) sentence,
        TOKEN_RESULTS(X)
#undef X
    };
    check(result < TOKEN_RESULT_COUNT);
    return sentences[result];
}

/* ---- opening */

static bool is_set(const char *text)
{
    return text != NULL && text[0] != '\0';
}

static bool verifier_configure(struct token_verifier *verifier, const struct token_config *config, char *why,
                               size_t why_size)
{
    verifier->leeway_s = config->leeway_s;
    bool named = text_copy(verifier->issuer, CONFIG_TEXT_MAX, config->issuer) &&
                 text_copy(verifier->audience, CONFIG_TEXT_MAX, config->audience) && is_set(config->issuer) &&
                 is_set(config->audience);
    if (!named) {
        snprintf(why, why_size, "the issuer or the audience is empty or longer than 255 bytes");
        return false;
    }
    if (!is_set(config->hs256_secret) && !is_set(config->jwks_file)) {
        snprintf(why, why_size, "there is neither an HS256 secret nor a JWKS file");
        return false;
    }
    bool has_secret = is_set(config->hs256_secret);
    if (has_secret && !token_keys_add_secret(verifier->keys, config->hs256_secret, why, why_size))
        return false;
    return !is_set(config->jwks_file) || token_keys_load(verifier->keys, config->jwks_file, why, why_size);
}

struct token_verifier *token_verifier_open(const struct token_config *config, char *why, size_t why_size)
{
    struct token_verifier *verifier = memory_new(sizeof *verifier);
    verifier->keys = token_keys_new();
    if (verifier_configure(verifier, config, why, why_size)) return verifier;
    token_verifier_close(verifier);
    return NULL;
}

void token_verifier_close(struct token_verifier *verifier)
{
    if (verifier == NULL) return;
    token_keys_free(verifier->keys);
    free(verifier);
}

size_t token_verifier_key_count(const struct token_verifier *verifier)
{
    return token_keys_count(verifier->keys);
}

/* ---- the three parts */

struct token_parts {
    struct bytes header, claims, signature;
    struct bytes signed_text; /* Header and claims with the dot between. */
};

static bool token_split(struct bytes token, struct token_parts *parts)
{
    const char *first = memchr(token.data, '.', token.length);
    if (first == NULL) return false;
    const char *end = token.data + token.length;
    const char *second = memchr(first + 1, '.', (size_t)(end - first - 1));
    if (second == NULL || memchr(second + 1, '.', (size_t)(end - second - 1)) != NULL) return false;
    parts->header = (struct bytes){token.data, (size_t)(first - token.data)};
    parts->claims = (struct bytes){first + 1, (size_t)(second - first - 1)};
    parts->signature = (struct bytes){second + 1, (size_t)(end - second - 1)};
    parts->signed_text = (struct bytes){token.data, (size_t)(second - token.data)};
    return parts->header.length > 0 && parts->claims.length > 0 && parts->signature.length > 0;
}

/* ---- the header */

struct token_header {
    char alg[16];
    char kid[TOKEN_KID_MAX + 1];
    bool is_forbidden;
};

static bool is_forbidden_header(const char *name)
{
    static const char *const forbidden[] = {"crit", "b64", "jwk", "jku", "x5u", "x5c"};
    for (size_t i = 0; i < ARRAY_LENGTH(forbidden); i++) {
        if (strcmp(forbidden[i], name) == 0) return true;
    }
    return false;
}

static bool header_read(struct bytes text, struct token_header *header)
{
    struct json_reader reader;
    struct json_nest object;
    char name[16];
    *header = (struct token_header){.is_forbidden = false};
    json_open(&reader, text);
    json_enter_object(&reader, &object);
    while (json_next_member(&reader, &object, name, sizeof name)) {
        if (is_forbidden_header(name)) header->is_forbidden = true;
        if (strcmp(name, "alg") == 0) {
            json_read_text(&reader, header->alg, sizeof header->alg);
        } else if (strcmp(name, "kid") == 0) {
            json_read_text(&reader, header->kid, sizeof header->kid);
        } else {
            json_skip(&reader);
        }
    }
    return json_close(&reader) && header->alg[0] != '\0';
}

static enum token_result header_check(const struct token_verifier *verifier, struct bytes text,
                                      const struct token_key **key)
{
    struct token_header header;
    enum token_algorithm algorithm;
    if (!header_read(text, &header)) return TOKEN_BAD_HEADER;
    if (header.is_forbidden) return TOKEN_FORBIDDEN_HEADER;
    if (!token_algorithm_parse(header.alg, &algorithm)) return TOKEN_UNKNOWN_KEY;
    *key = token_keys_find(verifier->keys, algorithm, header.kid);
    return *key != NULL ? TOKEN_GOOD : TOKEN_UNKNOWN_KEY;
}

/* ---- the claims */

struct token_body {
    char iss[CONFIG_TEXT_MAX];
    char sub[CONFIG_TEXT_MAX];
    bool has_audience;
    bool has_exp;
    int64_t exp, nbf, iat;
};

/* A text that is longer than anything we compare it with is not a fault, only never equal. */
static void read_text_or_nothing(struct json_reader *reader, char *out, size_t capacity)
{
    char whole[PART_BYTES_MAX + 1];
    if (!json_read_text(reader, whole, sizeof whole) || !text_copy(out, capacity, whole)) out[0] = '\0';
}

static void audience_read(struct json_reader *reader, const char *expected, struct token_body *body)
{
    struct json_nest array;
    char audience[CONFIG_TEXT_MAX];
    if (json_peek(reader) != JSON_ARRAY) {
        read_text_or_nothing(reader, audience, sizeof audience);
        body->has_audience = strcmp(audience, expected) == 0;
        return;
    }
    json_enter_array(reader, &array);
    while (json_next_item(reader, &array)) {
        read_text_or_nothing(reader, audience, sizeof audience);
        body->has_audience |= strcmp(audience, expected) == 0;
    }
}

static void body_read_member(struct json_reader *reader, const char *name, const char *audience,
                             struct token_body *body)
{
    if (strcmp(name, "iss") == 0) {
        read_text_or_nothing(reader, body->iss, sizeof body->iss);
    } else if (strcmp(name, "sub") == 0) {
        read_text_or_nothing(reader, body->sub, sizeof body->sub);
    } else if (strcmp(name, "aud") == 0) {
        audience_read(reader, audience, body);
    } else if (strcmp(name, "exp") == 0) {
        body->has_exp = json_read_integer(reader, &body->exp);
    } else if (strcmp(name, "nbf") == 0) {
        json_read_integer(reader, &body->nbf);
    } else if (strcmp(name, "iat") == 0) {
        json_read_integer(reader, &body->iat);
    } else {
        json_skip(reader);
    }
}

static bool body_read(struct bytes text, const char *audience, struct token_body *body)
{
    struct json_reader reader;
    struct json_nest object;
    char name[8];
    *body = (struct token_body){.has_exp = false};
    json_open(&reader, text);
    json_enter_object(&reader, &object);
    while (json_next_member(&reader, &object, name, sizeof name)) {
        body_read_member(&reader, name, audience, body);
    }
    return json_close(&reader);
}

/* Expiry comes last: a client that hears "expired" may expect a fresh token to be taken. */
static enum token_result body_check(const struct token_verifier *verifier, struct bytes text, int64_t now_s,
                                    struct token_claims *claims)
{
    struct token_body body;
    if (!body_read(text, verifier->audience, &body)) return TOKEN_BAD_CLAIMS;
    if (!body.has_exp) return TOKEN_NO_EXPIRY;
    if (body.nbf - verifier->leeway_s > now_s || body.iat - verifier->leeway_s > now_s) return TOKEN_NOT_YET;
    if (strcmp(body.iss, verifier->issuer) != 0) return TOKEN_WRONG_ISSUER;
    if (!body.has_audience) return TOKEN_WRONG_AUDIENCE;
    if (!ids_is_player_id(bytes_of_text(body.sub))) return TOKEN_BAD_SUBJECT;
    if (body.exp + verifier->leeway_s <= now_s) return TOKEN_EXPIRED;
    *claims = (struct token_claims){.issued_at_s = body.iat, .expires_at_s = body.exp};
    check(text_copy(claims->subject, sizeof claims->subject, body.sub));
    return TOKEN_GOOD;
}

enum token_result token_verify(const struct token_verifier *verifier, struct bytes token, int64_t now_s,
                               struct token_claims *claims)
{
    struct token_parts parts;
    const struct token_key *key;
    uint8_t part[PART_BYTES_MAX], signature[PART_BYTES_MAX];
    size_t length, signature_length;
    if (token.length > TOKEN_BYTES_MAX) return TOKEN_TOO_LONG;
    if (token.length == 0 || !token_split(token, &parts)) return TOKEN_BAD_SHAPE;
    if (!base64url_decode(parts.signature, signature, sizeof signature, &signature_length))
        return TOKEN_BAD_SHAPE;
    if (!base64url_decode(parts.header, part, sizeof part, &length)) return TOKEN_BAD_SHAPE;
    enum token_result result = header_check(verifier, (struct bytes){(const char *)part, length}, &key);
    if (result != TOKEN_GOOD) return result;
    if (!base64url_decode(parts.claims, part, sizeof part, &length)) return TOKEN_BAD_SHAPE;
    if (!token_key_fits(key, parts.signed_text, signature, signature_length)) return TOKEN_BAD_SIGNATURE;
    return body_check(verifier, (struct bytes){(const char *)part, length}, now_s, claims);
}
