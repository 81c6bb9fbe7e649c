#include "common/files.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool file_read(const char *path, size_t bytes_max, struct bytes *out, char *error, size_t error_capacity)
{
    *out = (struct bytes){NULL, 0};
    FILE *file = fopen(path, "rbe");
    if (file == NULL) {
        snprintf(error, error_capacity, "%s: %s", path, strerror(errno));
        return false;
    }
    char *data = memory_new(bytes_max + 2);
    size_t length = fread(data, 1, bytes_max + 1, file);
    const char *wrong = ferror(file) ? strerror(errno) : length > bytes_max ? "too big" : NULL;
    fclose(file);
    if (wrong != NULL) {
        snprintf(error, error_capacity, "%s: %s", path, wrong);
        free(data);
        return false;
    }
    data[length] = '\0';
    *out = (struct bytes){memory_resize(data, length + 1), length};
    return true;
}

bool file_read_line(const char *path, char *out, size_t capacity)
{
    out[0] = '\0';
    FILE *file = fopen(path, "re");
    if (file == NULL) return false;
    size_t length = fread(out, 1, capacity - 1, file);
    bool good = !ferror(file);
    fclose(file);
    out[good ? length : 0] = '\0';
    out[strcspn(out, "\r\n")] = '\0';
    return good;
}

bool file_of_catalog(const char *name, char *out, size_t capacity)
{
    static const char *const places[] = {"../share/duelpod", "../game_server/catalog",
                                         "../../game_server/catalog", "../../../game_server/catalog"};
    char folder[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", folder, sizeof folder - 1);
    folder[length > 0 ? length : 0] = '\0';
    char *slash = strrchr(folder, '/');
    if (slash != NULL) *slash = '\0';
    for (size_t i = 0; i < ARRAY_LENGTH(places); i++) {
        snprintf(out, capacity, "%s/%s/%s", folder, places[i], name);
        if (access(out, R_OK) == 0) return true;
    }
    return false;
}
