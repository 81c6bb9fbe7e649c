#include "game_server/progress.h"

#include <stdio.h>
#include <string.h>

#include "game_server/loadout.h"

static int64_t stars_on(const struct proto_profile *profile, const char *stage)
{
    for (size_t i = 0; i < profile->stages_count; i++) {
        if (strcmp(profile->stages[i].id, stage) == 0) return profile->stages[i].stars;
    }
    return 0;
}

void progress_complete(const battle_catalog *catalog, struct proto_profile *profile)
{
    const battle_progression *progression = battle_catalog_progression(catalog);
    int64_t level = profile->level < BATTLE_LEVELS ? profile->level : BATTLE_LEVELS;
    for (int64_t i = 0; i < level; i++) {
        for (size_t k = 0; k < progression->unlock_count[i]; k++) {
            loadout_own(catalog, progression->unlocks[i][k], &profile->collection);
        }
    }
    for (size_t i = 0; i < battle_catalog_stage_count(catalog); i++) {
        const battle_stage *stage = battle_catalog_stage(catalog, i);
        if (stage->reward != 0 && stars_on(profile, stage->id) > 0) {
            loadout_own(catalog, stage->reward, &profile->collection);
        }
    }
    int64_t card_level = (level + 1) / 2;
    for (size_t i = 0; i < profile->collection.cards_count; i++) {
        struct proto_owned_card *card = &profile->collection.cards[i];
        if (card->level < card_level) card->level = card_level;
    }
    bool rises = level < BATTLE_LEVELS && progression->experience[level] != INT32_MAX;
    profile->next_level_at = rises ? progression->experience[level] : 0;
}

bool progress_stage_is_open(const battle_catalog *catalog, const battle_stage *stage,
                            const struct proto_profile *profile)
{
    const battle_stage *before = NULL;
    for (size_t i = 0; battle_catalog_stage(catalog, i) != stage; i++)
        before = battle_catalog_stage(catalog, i);
    return profile->level >= stage->player_level && (before == NULL || stars_on(profile, before->id) > 0);
}

int64_t progress_stars(const battle_progression *progression, const battle_result *result)
{
    if (result->winner != 0) return 0;
    int64_t left = result->hp[0] > 0 ? (int64_t)result->hp[0] * 1000 / result->hp_max[0] : 0;
    return 1 + (left >= progression->stars[0]) + (left >= progression->stars[1]);
}

bool progress_summary_read(const char *text, struct progress_summary *out)
{
    long long stars, gained, experience, level_before, level, stars_before;
    int end = 0;
    if (sscanf(text, "pve %31s %7s %lld %lld %lld %lld %lld %lld%n", out->stage, out->outcome, &stars,
               &gained, &experience, &level_before, &level, &stars_before, &end) != 8 ||
        text[end] != '\0') {
        return false;
    }
    out->stars = stars;
    out->gained = gained;
    out->experience = experience;
    out->level_before = level_before;
    out->level = level;
    out->stars_before = stars_before;
    return true;
}

static void unlock(const battle_catalog *catalog, uint16_t num, struct proto_rewards *out)
{
    if (num == 0 || out->unlocked_count == REWARDS_MAX) return;
    text_copy(out->unlocked[out->unlocked_count++], sizeof out->unlocked[0],
              battle_catalog_name(catalog, num));
}

void progress_rewards(const battle_catalog *catalog, const struct progress_summary *summary,
                      struct proto_rewards *out)
{
    const battle_progression *progression = battle_catalog_progression(catalog);
    const battle_stage *stage = battle_catalog_find_stage(catalog, summary->stage);
    int64_t best = summary->stars > summary->stars_before ? summary->stars : summary->stars_before;
    *out = (struct proto_rewards){.stars = summary->stars,
                                  .best_stars = best,
                                  .experience = summary->gained,
                                  .level = summary->level,
                                  .level_up = summary->level > summary->level_before};
    text_copy(out->stage, sizeof out->stage, summary->stage);
    if (stage != NULL && summary->stars_before == 0 && summary->stars > 0)
        unlock(catalog, stage->reward, out);
    for (int64_t level = summary->level_before; level < summary->level && level < BATTLE_LEVELS; level++) {
        for (size_t k = 0; k < progression->unlock_count[level]; k++) {
            unlock(catalog, progression->unlocks[level][k], out);
        }
    }
}
