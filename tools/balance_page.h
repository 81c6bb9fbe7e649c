/* balance_page.h -- figures inside a page that people write: what stands between `<!-- NAME -->` and
 * `<!-- end of NAME -->` belongs to the tool, everything else stays. */
#ifndef DUELPOD_BALANCE_PAGE_H
#define DUELPOD_BALANCE_PAGE_H

#include "common/buffer.h"

/* Prints `text`, or puts it into the page at `path` when that is not NULL. False with a complaint when the page
 * cannot be read or has not both marks; it is unchanged then. */
bool page_write(const char *path, const char *name, const struct buffer *text);

/* The folder for pictures of the page: img/ beside it. */
void page_pictures(const char *path, char *folder, size_t capacity);

#endif
