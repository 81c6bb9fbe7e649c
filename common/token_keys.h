/* token_keys.h -- the keys that tokens are verified with, and the check of a signature.
 *
 * Public keys are read from a JSON Web Key Set (RFC 7517): RSA of 2048 to 4096 bits for RS256, EC P-256 for
 * ES256. Keys of other kinds or for another use are skipped, as the RFC asks; a key that claims one of ours
 * and is bad, a private key, or a kid twice refuses the whole file. Immutable after loading: any thread may
 * check. */
#ifndef DUELPOD_TOKEN_KEYS_H
#define DUELPOD_TOKEN_KEYS_H

#include "common/base.h"

enum { TOKEN_KEYS_MAX = 32, TOKEN_KID_MAX = 128 };

enum token_algorithm { TOKEN_HS256, TOKEN_RS256, TOKEN_ES256, TOKEN_ALGORITHM_COUNT };

/* False: not one of ours; names are exact. */
bool token_algorithm_parse(const char *name, enum token_algorithm *out);

struct token_keys;

struct token_keys *token_keys_new(void);
void token_keys_free(struct token_keys *keys); /* NULL is harmless. */
size_t token_keys_count(const struct token_keys *keys);

/* False: `why` says what is wrong, and `keys` are only good for token_keys_free(). */
bool token_keys_add_secret(struct token_keys *keys, const char *secret, char *why, size_t why_size);
bool token_keys_load(struct token_keys *keys, const char *path, char *why, size_t why_size);

/* The key for a token: the secret for HS256; otherwise the key of this algorithm and kid, or, for a token
 * without a kid (""), the only key of this algorithm. NULL: none. */
struct token_key;
const struct token_key *token_keys_find(const struct token_keys *keys, enum token_algorithm algorithm,
                                        const char *kid);

/* Does `signature` fit `signed_text` under this key and its algorithm? */
bool token_key_fits(const struct token_key *key, struct bytes signed_text, const uint8_t *signature,
                    size_t signature_length);

#endif
