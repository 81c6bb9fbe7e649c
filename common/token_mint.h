/* token_mint.h -- makes tokens, for the development endpoint, tools and tests. The only file that includes
 * jwt.h.
 *
 * Production tokens come from an auth server; nothing here signs with a private key. Any thread. */
#ifndef DUELPOD_TOKEN_MINT_H
#define DUELPOD_TOKEN_MINT_H

#include <stdint.h>

/* An HS256 token with sub, iss, aud, iat (now_s) and exp (now_s + ttl_s). The caller frees it. NULL: the
 * secret is shorter than 32 bytes, or the library failed. The subject is not checked: tests mint bad ones. */
char *token_mint_hs256(const char *secret, const char *subject, const char *issuer, const char *audience,
                       int64_t now_s, int64_t ttl_s);

#endif
