/* timeline_sentences.h -- one row per kind of event: how it is told. Read by timeline_text.c only.
 *
 * In a sentence:  %s source, %d target, %i the event's id, %p its stat, %n %v %w %x its numbers, %N and %V
 * numbers of milliseconds told as seconds. What stands in [brackets] is left out when a value in it is
 * absent.
 *
 *   SENTENCE(kind, flag, text, flag1, flag2, flag4, flag8)
 *
 * `flag` other than 0 picks the row for events with exactly that f; flag1.. are words for the bits of f, ""
 * none. An empty text is an event that a reader does not need to see. */
SENTENCE("start", 0, "the battle begins", "", "", "", "")
SENTENCE("act", 0, "%s acts", "", "", "", "")
SENTENCE("trig", 0, "%s responds[ to %d]", "", "", "", "")
SENTENCE("dmg", 0, "%s hits %d for %n, %v left[, shield %w]", "critical", "lethal", "cleave", "thorns")
SENTENCE("tick", 1, "%d burns for %n, %v left[, %x stacks]", "", "", "", "")
SENTENCE("tick", 2, "%d suffers %n from poison, %v left[, %x stacks]", "", "", "", "")
SENTENCE("tick", 3, "the storm hits %d for %n, %v left", "", "", "", "")
SENTENCE("tick", 4, "%d regenerates %n, now %v", "", "", "", "")
SENTENCE("heal", 0, "%s heals %d by %n, now %v", "critical", "lifesteal", "", "")
SENTENCE("shield", 0, "%s shields %d by %n, now %v", "critical", "", "", "")
SENTENCE("burn", 0, "%s sets %d on fire by %n, now %v", "critical", "", "", "")
SENTENCE("poison", 0, "%s poisons %d by %n, now %v", "critical", "", "", "")
SENTENCE("regen", 0, "%s gives %d regeneration %n, now %v", "critical", "", "", "")
SENTENCE("freeze", 0, "%s freezes %d for %N, until %V", "", "", "", "")
SENTENCE("slow", 0, "%s slows %d for %N, until %V", "", "", "", "")
SENTENCE("haste", 0, "%s hastens %d for %N, until %V", "", "", "", "")
SENTENCE("charge", 0, "%s charges %d by %N", "", "", "", "")
SENTENCE("rate", 0, "", "", "", "", "")
SENTENCE("stat", 0, "%s changes %p of %d by %n, now %v", "", "", "", "")
SENTENCE("ward", 0, "%s wards %d", "", "", "", "")
SENTENCE("wardbreak", 0, "the ward of %d breaks", "", "", "", "")
SENTENCE("guard", 0, "%d stands guard", "", "", "", "")
SENTENCE("disable", 0, "%s disables %d", "", "", "", "")
SENTENCE("cleanse", 0, "%s cleanses %d", "", "", "", "")
SENTENCE("summon", 0, "%s summons %d with %v health[ and %w attack]", "", "", "", "")
SENTENCE("transform", 0, "%s becomes %d with %v health[ and %w attack]", "", "", "", "")
SENTENCE("revive", 0, "%d rises again with %v health", "", "", "", "")
SENTENCE("death", 0, "%d dies[, killed by %s]", "", "", "", "")
SENTENCE("destroy", 0, "%d is destroyed[ by %s]", "", "", "", "")
SENTENCE("spent", 0, "%d is spent", "", "", "", "")
SENTENCE("lethal", 0, "%d is about to fall at %v", "saved", "", "", "")
SENTENCE("stormstart", 0, "the storm begins", "", "", "", "")
SENTENCE("fizzle", 0, "an effect[ of %s] fizzles", "", "", "", "")
SENTENCE("overload", 0, "the battle is overloaded", "", "", "", "")
SENTENCE("end", 0, "", "", "", "", "")
