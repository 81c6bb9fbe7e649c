/* matrix: every reference deck against every other of its level, written as CSV, HTML and SVG, and as tables on
 * stdout or into a page. */
#include "tools/balance_page.h"
#include "tools/balance_write.h"

#include <stdio.h>

enum { SEEDS = 10000 };

static void write_pictures(const struct balance *balance, const struct figures *figures, const char *folder)
{
    for (size_t i = 0; i < figures->group_count; i++) {
        struct buffer text = {0};
        char name[64];
        snprintf(name, sizeof name, "balance_level%d.svg", figures->groups[i].level);
        write_svg(&text, balance, &figures->groups[i]);
        balance_write_file(folder, name, &text);
        buffer_free(&text);
    }
}

static void write_tables(const struct balance *balance, const struct figures *figures)
{
    struct buffer text = {0};
    write_csv(&text, balance, figures);
    balance_write_file(balance->out, "matrix.csv", &text);
    buffer_clear(&text);
    write_html(&text, balance, figures);
    balance_write_file(balance->out, "matrix.html", &text);
    buffer_free(&text);
}

int balance_matrix(struct balance *balance)
{
    struct figures figures;
    struct buffer tables = {0};
    char pictures[1040];
    figures_play(balance, SEEDS, &figures);
    write_markdown(&tables, balance, &figures);
    bool good = page_write(balance->page, "figures", &tables);
    if (good && balance->page != NULL) page_pictures(balance->page, pictures, sizeof pictures);
    else snprintf(pictures, sizeof pictures, "%s", balance->out);
    write_tables(balance, &figures);
    write_pictures(balance, &figures, pictures);
    buffer_free(&tables);
    figures_free(&figures);
    return good ? 0 : 2;
}
