#include "common/token_mint.h"

#include <jwt.h>
#include <string.h>

#include "common/token.h"

static bool token_fill(jwt_t *token, const char *secret, const char *subject, const char *issuer,
                       const char *audience, int64_t now_s, int64_t ttl_s)
{
    return jwt_set_alg(token, JWT_ALG_HS256, (const unsigned char *)secret, (int)strlen(secret)) == 0 &&
           jwt_add_grant(token, "sub", subject) == 0 && jwt_add_grant(token, "iss", issuer) == 0 &&
           jwt_add_grant(token, "aud", audience) == 0 && jwt_add_grant_int(token, "iat", (long)now_s) == 0 &&
           jwt_add_grant_int(token, "exp", (long)(now_s + ttl_s)) == 0;
}

char *token_mint_hs256(const char *secret, const char *subject, const char *issuer, const char *audience,
                       int64_t now_s, int64_t ttl_s)
{
    jwt_t *token;
    char *text = NULL;
    if (strlen(secret) < TOKEN_SECRET_BYTES_MIN || jwt_new(&token) != 0) return NULL;
    if (token_fill(token, secret, subject, issuer, audience, now_s, ttl_s)) text = jwt_encode_str(token);
    jwt_free(token);
    return text;
}
