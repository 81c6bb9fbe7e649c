/* Any bytes as a timeline: reduced without rules, and verified. What verifies also reduces. */
#include <stdlib.h>

#include "tests/support/battle_decks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static battle_catalog *catalog;
    battle_state final;
    battle_err reduced, verified;
    if (catalog == NULL) catalog = decks_load_catalog();
    int code = battle_reduce(catalog, data, size, &final, &reduced);
    if (code != BATTLE_OK && reduced.message[0] == '\0') abort();
    if (battle_verify(catalog, data, size, &verified) == BATTLE_OK && code != BATTLE_OK) abort();
    return 0;
}
