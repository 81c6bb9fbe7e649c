/* Secrets in files: `password_file` fills `password`. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "common/options_internal.h"

/* The row that names the file of `secret`; NULL when that is no secret or has none. */
static const struct option *secret_file_row(const struct options_program *program,
                                            const struct option *secret)
{
    if ((secret->flags & OPTION_SECRET) == 0) return NULL;
    char key[64];
    snprintf(key, sizeof key, "%s_file", secret->key);
    return options_find(program, secret->section, key);
}

/* Orchestrators often mount secrets readable by all inside a container, so this only warns. */
static void secret_warn_if_shared(struct options_loader *loader, FILE *file, const char *path)
{
    struct stat status;
    if (fstat(fileno(file), &status) == 0 && (status.st_mode & 0077) != 0) {
        options_warn(loader->report, "%s: a secret that group or others can read (mode %03o)", path,
                     (unsigned)status.st_mode & 0777U);
    }
}

/* Without one newline at the end, which editors and echo leave behind. */
static void secret_set(struct options_loader *loader, const struct option *secret, char *text, size_t length,
                       const char *path)
{
    if (length > 0 && text[length - 1] == '\n') length--;
    if (length > 0 && text[length - 1] == '\r') length--;
    text[length] = '\0';
    if (length == 0 || strlen(text) != length) {
        options_refuse(loader->report, "%s: %s.%s: %s", path, secret->section, secret->key,
                       length == 0 ? "the file is empty" : "not text");
    } else {
        options_set(loader, secret, text, path);
    }
}

static void secret_read(struct options_loader *loader, const struct option *secret, const char *path)
{
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        options_refuse(loader->report, "%s: %s.%s: %s", path, secret->section, secret->key, strerror(errno));
        return;
    }
    char text[OPTIONS_LINE_BYTES_MAX];
    size_t length = fread(text, 1, sizeof text - 1, file);
    if (ferror(file)) {
        options_refuse(loader->report, "%s: %s.%s: %s", path, secret->section, secret->key, strerror(errno));
    } else {
        secret_warn_if_shared(loader, file, path);
        secret_set(loader, secret, text, length, path);
    }
    fclose(file);
    explicit_bzero(text, sizeof text);
}

void options_read_secret_files(struct options_loader *loader)
{
    for (size_t i = 0; i < loader->program->row_count; i++) {
        const struct option *secret = &loader->program->rows[i];
        const struct option *file = secret_file_row(loader->program, secret);
        if (file == NULL) continue;
        const char *path = (const char *)loader->config + file->offset;
        if (path[0] == '\0') continue;
        if (*((const char *)loader->config + secret->offset) != '\0') {
            options_refuse(loader->report, "%s.%s and %s.%s are both set: use one", secret->section,
                           secret->key, file->section, file->key);
        } else {
            secret_read(loader, secret, path);
        }
    }
}
