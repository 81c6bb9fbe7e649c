#include "tools/balance_page.h"

#include "common/files.h"
#include "tools/balance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_BYTES = 1 << 20 };

/* The folder of a path; gives what follows it. */
static const char *split_path(const char *path, char *folder, size_t capacity)
{
    const char *slash = strrchr(path, '/');
    snprintf(folder, capacity, "%.*s", slash == NULL ? 1 : (int)(slash - path), slash == NULL ? "." : path);
    return slash == NULL ? path : slash + 1;
}

void page_pictures(const char *path, char *folder, size_t capacity)
{
    char beside[1024];
    split_path(path, beside, sizeof beside);
    snprintf(folder, capacity, "%s/img", beside);
}

static bool replace_between(const char *page, const char *begin_mark, const char *end_mark,
                            const struct buffer *text, struct buffer *out)
{
    const char *begin = strstr(page, begin_mark), *end = strstr(page, end_mark);
    if (begin == NULL || end == NULL || begin > end) return false;
    buffer_append(out, page, (size_t)(begin - page) + strlen(begin_mark));
    buffer_append(out, text->data, text->length);
    buffer_append_text(out, end);
    return true;
}

bool page_write(const char *path, const char *name, const struct buffer *text)
{
    char error[1400], begin[64], end[64], folder[1024];
    struct bytes page;
    struct buffer out = {0};
    if (path == NULL) return fwrite(text->data, 1, text->length, stdout) == text->length;
    if (!file_read(path, PAGE_BYTES, &page, error, sizeof error)) {
        fprintf(stderr, "balance: %s\n", error);
        return false;
    }
    snprintf(begin, sizeof begin, "<!-- %s -->\n", name);
    snprintf(end, sizeof end, "<!-- end of %s -->\n", name);
    bool marked = replace_between(page.data, begin, end, text, &out);
    const char *file = split_path(path, folder, sizeof folder);
    if (marked) balance_write_file(folder, file, &out);
    else
        fprintf(stderr, "balance: %s: has no \"<!-- %s -->\" and \"<!-- end of %s -->\"\n", path, name, name);
    buffer_free(&out);
    free((void *)(uintptr_t)page.data);
    return marked;
}
