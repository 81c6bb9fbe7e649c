#include "common/scripts.h"

#include <pthread.h>

#include "common/sha1.h"

/* The assembler looks for the file in the working folder before the include path, and lua/<name>.lua exists
 * there without its prelude. "../generated/" is found only from the include path of generated files. */
#define SCRIPT(name)                                                                 \
    __asm__(".pushsection .rodata, \"a\"\n"                                          \
            "script_" #name "_start:\n"                                              \
            ".incbin \"../generated/lua/" #name ".lua\"\n"                           \
            "script_" #name "_end:\n"                                                \
            ".byte 0\n"                                                              \
            ".popsection\n");                                                        \
    extern const char script_##name##_start[] __attribute__((visibility("hidden"))); \
    extern const char script_##name##_end[] __attribute__((visibility("hidden")));
#include "lua/scripts.def"
#undef SCRIPT

/* One more than needed, so that a build without scripts is a program too. */
static struct script embedded[SCRIPT_COUNT + 1];
static const struct script_table table = {embedded, SCRIPT_COUNT};
static pthread_once_t once = PTHREAD_ONCE_INIT;

struct script script_make(const char *name, struct bytes body)
{
    struct script script = {.name = name, .body = body};
    sha1_text(body, script.sha1);
    return script;
}

static void make_embedded(void)
{
#define SCRIPT(name)                                             \
    embedded[SCRIPT_##name] =                                    \
        script_make(#name, (struct bytes){script_##name##_start, \
                                          (size_t)(script_##name##_end - script_##name##_start)});
#include "lua/scripts.def"
#undef SCRIPT
}

const struct script_table *scripts_embedded(void)
{
    pthread_once(&once, make_embedded);
    return &table;
}

static const struct script *find(enum script_id script)
{
    const struct script_table *scripts = scripts_embedded();
    check((size_t)script < scripts->count);
    return &scripts->scripts[script];
}

const char *script_name(enum script_id script)
{
    return find(script)->name;
}

struct bytes script_body(enum script_id script)
{
    return find(script)->body;
}

const char *script_sha1(enum script_id script)
{
    return find(script)->sha1;
}
