#include "common/digest.h"

#include <openssl/evp.h>

void digest_sha256(struct bytes bytes, uint8_t out[DIGEST_BYTES])
{
    unsigned length = 0;
    check(EVP_Digest(bytes.data, bytes.length, out, &length, EVP_sha256(), NULL) == 1 &&
          length == DIGEST_BYTES);
}

void digest_hex(const uint8_t *bytes, size_t count, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < count; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * count] = '\0';
}

void digest_sha256_text(struct bytes bytes, char out[DIGEST_TEXT_SIZE])
{
    uint8_t digest[DIGEST_BYTES];
    digest_sha256(bytes, digest);
    digest_hex(digest, sizeof digest, out);
}
