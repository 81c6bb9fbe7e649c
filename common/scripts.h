/* scripts.h -- the Lua scripts, embedded in the program.
 *
 * One row SCRIPT(name) in lua/scripts.def is one atomic step in lua/<name>.lua. The row makes the number
 * SCRIPT_<name>; the assembler embeds the body (shared prelude included) when common/scripts.c is built, so a
 * program can never meet a script of another build. Redis knows a script by the SHA-1 of its body.
 *
 * A redis link takes a table of scripts; production gives it scripts_embedded(), a test may bring its own.
 * The embedded table is made once, never changes, and may be read by any thread. */
#ifndef DUELPOD_SCRIPTS_H
#define DUELPOD_SCRIPTS_H

#include "common/base.h"

enum script_id {
#define SCRIPT(name) SCRIPT_##name,
#include "lua/scripts.def"
#undef SCRIPT
    SCRIPT_COUNT
};

enum { SCRIPT_SHA1_BYTES = 41 };

struct script {
    const char *name;
    struct bytes body;
    char sha1[SCRIPT_SHA1_BYTES]; /* 40 lower-case hexadecimal digits */
};

struct script_table {
    const struct script *scripts;
    size_t count;
};

/* The scripts of this build, in the order of enum script_id. Never fails, never freed. */
const struct script_table *scripts_embedded(void);

/* One script of that table. */
const char *script_name(enum script_id script);
struct bytes script_body(enum script_id script);
const char *script_sha1(enum script_id script);

/* Makes a row of a table of one's own; `name` and `body` stay borrowed. */
struct script script_make(const char *name, struct bytes body);

#endif
