/* token.h -- is this JSON Web Token good, and whose is it?
 *
 * Tokens come from any auth server: HS256 with a shared secret (development), RS256 and ES256 with the public
 * keys of a JWKS file, chosen by `kid`. Verification is done here on OpenSSL's EVP with keys parsed once,
 * because libjwt believes a public key that is used as an HMAC secret, checks no claim and parses its key
 * every time.
 *
 * A token is at most TOKEN_BYTES_MAX long and has three strict base64url parts; header and claims are strict
 * JSON without a name twice; `alg` is that of the key; no `crit` and no key inside the header. exp is
 * required, nbf and iat are believed within the leeway; iss is exact; aud is the text or one of the array;
 * sub is 1 to 64 of A-Z a-z 0-9 _ -. Nothing of the claims is looked at before the signature is good.
 *
 * A verifier never changes after open, so any number of threads may use one at the same time. Rotating keys
 * means opening a new one and, when nobody uses the old one any more, closing that. */
#ifndef DUELPOD_TOKEN_H
#define DUELPOD_TOKEN_H

#include "common/base.h"
#include "common/ids.h"

enum { TOKEN_BYTES_MAX = 4096, TOKEN_SECRET_BYTES_MIN = 32 };

/* Every reason, its name in logs and metrics, and the sentence for the operator. A client only learns whether
 * a token was expired or invalid. */
#define TOKEN_RESULTS(X)                                                                           \
    X(GOOD, "good", "the token is good")                                                           \
    X(EXPIRED, "expired", "exp has passed; everything else was good")                              \
    X(TOO_LONG, "too_long", "longer than 4096 bytes")                                              \
    X(BAD_SHAPE, "bad_shape", "not three strict base64url parts")                                  \
    X(BAD_HEADER, "bad_header", "the header is no strict JSON object with an alg")                 \
    X(FORBIDDEN_HEADER, "forbidden_header", "the header has crit, b64, or brings its own key")     \
    X(UNKNOWN_KEY, "unknown_key", "no key with this kid and alg")                                  \
    X(BAD_SIGNATURE, "bad_signature", "the signature does not fit")                                \
    X(BAD_CLAIMS, "bad_claims", "the claims are no strict JSON object, or one has the wrong type") \
    X(NO_EXPIRY, "no_expiry", "exp is missing")                                                    \
    X(NOT_YET, "not_yet", "nbf or iat is in the future")                                           \
    X(WRONG_ISSUER, "wrong_issuer", "iss is not the configured issuer")                            \
    X(WRONG_AUDIENCE, "wrong_audience", "aud does not name the configured audience")               \
    X(BAD_SUBJECT, "bad_subject", "sub is missing or outside its alphabet")

enum token_result {
#define X(id, name, sentence) TOKEN_##id,
    TOKEN_RESULTS(X)
#undef X
        TOKEN_RESULT_COUNT
};

const char *token_result_name(enum token_result result);
const char *token_result_sentence(enum token_result result);

struct token_config {
    const char *hs256_secret; /* NULL or empty: no HS256. */
    const char *jwks_file;    /* NULL or empty: no RS256 and ES256. */
    const char *issuer;
    const char *audience;
    int64_t leeway_s;
};

struct token_claims {
    char subject[IDS_PLAYER_LENGTH_MAX + 1];
    int64_t issued_at_s; /* 0 where the token has no iat. */
    int64_t expires_at_s;
};

struct token_verifier;

/* Everything in `config` is copied. NULL: `why` (at least 160 bytes are useful) says what is wrong: no key at
 * all, a secret that is too short or really a public key, a file that cannot be read or holds a bad key. */
struct token_verifier *token_verifier_open(const struct token_config *config, char *why, size_t why_size);
void token_verifier_close(struct token_verifier *verifier); /* NULL is harmless. */

/* How many keys it has, the HS256 secret included. */
size_t token_verifier_key_count(const struct token_verifier *verifier);

/* Any thread. Fills `claims` only when the answer is TOKEN_GOOD. `now_s` is wall time. */
enum token_result token_verify(const struct token_verifier *verifier, struct bytes token, int64_t now_s,
                               struct token_claims *claims);

#endif
