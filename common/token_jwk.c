/* One JSON Web Key (RFC 7517, RFC 7518 section 6) to one public key. */
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <string.h>

#include "common/base64url.h"
#include "common/token_key.h"

enum {
    RSA_BITS_MIN = 2048,
    RSA_BYTES_MAX = 512,
    RSA_EXPONENT_BYTES_MAX = 4,
    EC_COORDINATE_BYTES = 32,
    NUMBER_TEXT_MAX = 1400 /* Also what only has to be skipped: 8192 bits. */
};

struct jwk {
    char kty[16], use[16], alg[16], crv[16];
    char kid[TOKEN_KID_MAX + 1];
    char n[NUMBER_TEXT_MAX], e[16], x[128], y[128];
    bool is_private;
};

struct jwk_field {
    const char *name;
    size_t offset;
    size_t capacity;
};

#define JWK_FIELD(name_)                                                         \
    {                                                                            \
#name_, offsetof(struct jwk, name_), sizeof(((struct jwk *)NULL)->name_) \
    }

static const struct jwk_field jwk_fields[] = {JWK_FIELD(kty), JWK_FIELD(use), JWK_FIELD(alg),
                                              JWK_FIELD(crv), JWK_FIELD(kid), JWK_FIELD(n),
                                              JWK_FIELD(e),   JWK_FIELD(x),   JWK_FIELD(y)};

static void jwk_read_member(struct json_reader *reader, struct jwk *jwk, const char *name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(jwk_fields); i++) {
        if (strcmp(jwk_fields[i].name, name) != 0) continue;
        json_read_text(reader, (char *)jwk + jwk_fields[i].offset, jwk_fields[i].capacity);
        return;
    }
    if (strcmp(name, "d") == 0) jwk->is_private = true;
    json_skip(reader);
}

static void jwk_read_object(struct json_reader *reader, struct jwk *jwk)
{
    struct json_nest object;
    char name[16];
    *jwk = (struct jwk){.is_private = false};
    if (!json_enter_object(reader, &object)) return;
    while (json_next_member(reader, &object, name, sizeof name)) jwk_read_member(reader, jwk, name);
}

static EVP_PKEY *public_key_make(const char *type, OSSL_PARAM_BLD *builder)
{
    EVP_PKEY *key = NULL;
    OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    bool made = parameters != NULL && context != NULL && EVP_PKEY_fromdata_init(context) == 1 &&
                EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) == 1;
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(parameters);
    return made ? key : NULL;
}

static bool public_key_is_sound(EVP_PKEY *key)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    bool sound = context != NULL && EVP_PKEY_public_check(context) == 1;
    EVP_PKEY_CTX_free(context);
    return sound;
}

static EVP_PKEY *rsa_from_numbers(const uint8_t *n, size_t n_length, const uint8_t *e, size_t e_length)
{
    BIGNUM *modulus = BN_bin2bn(n, (int)n_length, NULL);
    BIGNUM *exponent = BN_bin2bn(e, (int)e_length, NULL);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    EVP_PKEY *key = NULL;
    bool built = modulus != NULL && exponent != NULL && builder != NULL &&
                 OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, modulus) == 1 &&
                 OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, exponent) == 1;
    if (built) key = public_key_make("RSA", builder);
    OSSL_PARAM_BLD_free(builder);
    BN_free(modulus);
    BN_free(exponent);
    return key;
}

static const char *rsa_read(const struct jwk *jwk, struct token_key *key)
{
    uint8_t n[RSA_BYTES_MAX], e[RSA_EXPONENT_BYTES_MAX];
    size_t n_length, e_length;
    bool decoded = base64url_decode(bytes_of_text(jwk->n), n, sizeof n, &n_length) &&
                   base64url_decode(bytes_of_text(jwk->e), e, sizeof e, &e_length);
    if (!decoded || n_length == 0 || e_length == 0) return "n or e is missing, not base64url or too long";
    if ((e[e_length - 1] & 1) == 0 || (e_length == 1 && e[0] == 1)) return "e is even or 1";
    key->public_key = rsa_from_numbers(n, n_length, e, e_length);
    if (key->public_key == NULL) return "not an RSA key";
    if (EVP_PKEY_get_bits(key->public_key) < RSA_BITS_MIN) return "an RSA key below 2048 bits";
    key->algorithm = TOKEN_RS256;
    return public_key_is_sound(key->public_key) ? NULL : "not a sound RSA key";
}

static EVP_PKEY *ec_from_point(const uint8_t *point, size_t length)
{
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    EVP_PKEY *key = NULL;
    bool built = builder != NULL &&
                 OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) == 1 &&
                 OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, length) == 1;
    if (built) key = public_key_make("EC", builder);
    OSSL_PARAM_BLD_free(builder);
    return key;
}

static const char *ec_read(const struct jwk *jwk, struct token_key *key)
{
    uint8_t point[1 + 2 * EC_COORDINATE_BYTES] = {4}; /* Uncompressed: 4, x, y. */
    size_t x_length, y_length;
    bool decoded = base64url_decode(bytes_of_text(jwk->x), point + 1, EC_COORDINATE_BYTES, &x_length) &&
                   base64url_decode(bytes_of_text(jwk->y), point + 1 + EC_COORDINATE_BYTES,
                                    EC_COORDINATE_BYTES, &y_length);
    if (!decoded || x_length != EC_COORDINATE_BYTES || y_length != EC_COORDINATE_BYTES) {
        return "x or y is not 32 bytes of base64url";
    }
    key->public_key = ec_from_point(point, sizeof point);
    if (key->public_key == NULL) return "not a point of P-256";
    key->algorithm = TOKEN_ES256;
    return public_key_is_sound(key->public_key) ? NULL : "not a sound P-256 key";
}

/* Is this key one that we verify with? An absent alg or use leaves it open. */
static bool jwk_is_ours(const struct jwk *jwk)
{
    bool is_rsa = strcmp(jwk->kty, "RSA") == 0;
    bool is_ec = strcmp(jwk->kty, "EC") == 0 && strcmp(jwk->crv, "P-256") == 0;
    bool right_algorithm = jwk->alg[0] == '\0' || strcmp(jwk->alg, is_rsa ? "RS256" : "ES256") == 0;
    bool right_use = jwk->use[0] == '\0' || strcmp(jwk->use, "sig") == 0;
    return (is_rsa || is_ec) && right_algorithm && right_use;
}

enum jwk_result token_jwk_read(struct json_reader *reader, struct token_key *key, const char **why)
{
    struct jwk jwk;
    *key = (struct token_key){.public_key = NULL};
    *why = NULL;
    jwk_read_object(reader, &jwk);
    if (reader->bad) *why = "not strict JSON, or a member of the wrong type or too long";
    if (*why == NULL && jwk.is_private) *why = "a private key: a verifier must not have it";
    if (*why != NULL) return JWK_BAD;
    if (!jwk_is_ours(&jwk)) return JWK_SKIPPED;
    memcpy(key->kid, jwk.kid, sizeof key->kid);
    *why = strcmp(jwk.kty, "RSA") == 0 ? rsa_read(&jwk, key) : ec_read(&jwk, key);
    if (*why == NULL) return JWK_TAKEN;
    EVP_PKEY_free(key->public_key);
    key->public_key = NULL;
    return JWK_BAD;
}
