/* balance_write.h -- figures as others want them: CSV for sheets, SVG for eyes, Markdown for the page, HTML with
 * the pictures inside. Appends to buffers, does no I/O; the same figures give the same bytes. */
#ifndef DUELPOD_BALANCE_WRITE_H
#define DUELPOD_BALANCE_WRITE_H

#include "common/buffer.h"
#include "tools/balance_figures.h"

__attribute__((format(printf, 2, 3))) void write_format(struct buffer *out, const char *format, ...);

/* One line per ordered pair of a group: level, deck, opponent, battles, wins, draws, losses, share and its 95 %
 * interval, median and p95 length in seconds, shares of storms and time-outs. */
void write_csv(struct buffer *out, const struct balance *balance, const struct figures *figures);

/* A heat map: row beats column. Stands alone as a file and inside HTML. */
void write_svg(struct buffer *out, const struct balance *balance, const struct group *group);

/* One table per group: each deck's mean, worst and best opponent, lengths. */
void write_markdown(struct buffer *out, const struct balance *balance, const struct figures *figures);

/* A page of its own: nothing is loaded from elsewhere. */
void write_html(struct buffer *out, const struct balance *balance, const struct figures *figures);

#endif
