#include "common/metrics.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* Cells of a row: one for a counter or gauge; the buckets (the last is +Inf) and the sum for a histogram. */
enum { CACHE_LINE_CELLS = 8 };

typedef atomic_int_fast64_t cell;

struct metrics_block {
    struct metrics *metrics;
    struct metrics_block *next;
    cell *cells; /* In the middle of the allocation, a cache line away from both its ends. */
};

struct metrics {
    const struct metric *rows;
    size_t row_count;
    size_t *first_cell; /* By row. */
    size_t cell_count;
    pthread_mutex_t lock; /* Guards the list. */
    struct metrics_block *blocks;
};

const struct metric_bounds metric_bounds_latency = {1000000,
                                                    15,
                                                    {100, 250, 500, 1000, 2500, 5000, 10000, 25000, 50000,
                                                     100000, 250000, 500000, 1000000, 2500000, 10000000}};
const struct metric_bounds metric_bounds_wait = {
    1000, 10, {500, 1000, 2000, 5000, 10000, 15000, 30000, 60000, 120000, 300000}};
const struct metric_bounds metric_bounds_rating = {1, 10, {0, 10, 25, 50, 100, 150, 200, 300, 500, 1000}};

static size_t row_cells(const struct metric *row)
{
    return row->kind == METRIC_IS_HISTOGRAM ? row->bounds->count + 2 : 1;
}

struct metrics *metrics_open(const struct metric *rows, size_t row_count)
{
    struct metrics *metrics = memory_new(sizeof *metrics);
    metrics->rows = rows;
    metrics->row_count = row_count;
    metrics->first_cell = memory_new(row_count * sizeof *metrics->first_cell);
    for (size_t i = 0; i < row_count; i++) {
        metrics->first_cell[i] = metrics->cell_count;
        metrics->cell_count += row_cells(&rows[i]);
    }
    check(pthread_mutex_init(&metrics->lock, NULL) == 0);
    return metrics;
}

void metrics_close(struct metrics *metrics)
{
    if (metrics == NULL) return;
    while (metrics->blocks != NULL) {
        struct metrics_block *block = metrics->blocks;
        metrics->blocks = block->next;
        free(block->cells - CACHE_LINE_CELLS);
        free(block);
    }
    pthread_mutex_destroy(&metrics->lock);
    free(metrics->first_cell);
    free(metrics);
}

struct metrics_block *metrics_block_open(struct metrics *metrics)
{
    struct metrics_block *block = memory_new(sizeof *block);
    cell *cells = memory_new((metrics->cell_count + 2 * CACHE_LINE_CELLS) * sizeof *cells);
    block->cells = cells + CACHE_LINE_CELLS;
    block->metrics = metrics;
    pthread_mutex_lock(&metrics->lock);
    block->next = metrics->blocks;
    metrics->blocks = block;
    pthread_mutex_unlock(&metrics->lock);
    return block;
}

static const struct metric *block_row(const struct metrics_block *block, size_t id)
{
    check(id < block->metrics->row_count);
    return &block->metrics->rows[id];
}

void metrics_add(struct metrics_block *block, size_t id, int64_t amount)
{
    check(block_row(block, id)->kind != METRIC_IS_HISTOGRAM);
    atomic_fetch_add_explicit(&block->cells[block->metrics->first_cell[id]], amount, memory_order_relaxed);
}

void metrics_set(struct metrics_block *block, size_t id, int64_t value)
{
    check(block_row(block, id)->kind != METRIC_IS_HISTOGRAM);
    atomic_store_explicit(&block->cells[block->metrics->first_cell[id]], value, memory_order_relaxed);
}

void metrics_observe(struct metrics_block *block, size_t id, int64_t value)
{
    const struct metric *row = block_row(block, id);
    check(row->kind == METRIC_IS_HISTOGRAM);
    if (value < 0) value = 0;
    size_t bucket = 0;
    while (bucket < row->bounds->count && value > row->bounds->values[bucket]) bucket++;
    cell *cells = &block->cells[block->metrics->first_cell[id]];
    atomic_fetch_add_explicit(&cells[bucket], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&cells[row->bounds->count + 1], value, memory_order_relaxed);
}

/* Blocks are only ever added at the front and a reader starts at the front it saw, so the lock is short. */
static int64_t sum_cell(struct metrics *metrics, size_t index)
{
    pthread_mutex_lock(&metrics->lock);
    struct metrics_block *block = metrics->blocks;
    pthread_mutex_unlock(&metrics->lock);
    int64_t sum = 0;
    for (; block != NULL; block = block->next) {
        sum += atomic_load_explicit(&block->cells[index], memory_order_relaxed);
    }
    return sum;
}

int64_t metrics_read(struct metrics *metrics, size_t id)
{
    check(id < metrics->row_count);
    const struct metric *row = &metrics->rows[id];
    size_t first = metrics->first_cell[id];
    if (row->kind != METRIC_IS_HISTOGRAM) return sum_cell(metrics, first);
    int64_t count = 0;
    for (size_t i = 0; i <= row->bounds->count; i++) count += sum_cell(metrics, first + i);
    return count;
}

/* ---- the text format */

static void put_number(struct buffer *out, int64_t value, int64_t scale)
{
    if (value < 0) buffer_append_character(out, '-');
    uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    uint64_t unit = (uint64_t)scale;
    buffer_append_integer(out, (int64_t)(size / unit));
    uint64_t rest = size % unit;
    if (rest != 0) buffer_append_character(out, '.');
    while (rest != 0) {
        unit /= 10;
        buffer_append_character(out, (char)('0' + rest / unit));
        rest %= unit;
    }
}

/* name{labels,le="bound"} -- each part where there is one. */
static void put_series(struct buffer *out, const struct metric *row, const char *suffix, const char *bound)
{
    bool has_labels = row->labels[0] != '\0';
    buffer_append_text(out, row->family);
    buffer_append_text(out, suffix);
    if (has_labels || bound != NULL) buffer_append_character(out, '{');
    buffer_append_text(out, row->labels);
    if (has_labels && bound != NULL) buffer_append_character(out, ',');
    if (bound != NULL) {
        buffer_append_text(out, "le=\"");
        buffer_append_text(out, bound);
        buffer_append_character(out, '"');
    }
    if (has_labels || bound != NULL) buffer_append_character(out, '}');
    buffer_append_character(out, ' ');
}

static void put_sample(struct buffer *out, const struct metric *row, const char *suffix, const char *bound,
                       int64_t value, int64_t scale)
{
    put_series(out, row, suffix, bound);
    put_number(out, value, scale);
    buffer_append_character(out, '\n');
}

static void put_histogram(struct metrics *metrics, struct buffer *out, const struct metric *row, size_t first)
{
    const struct metric_bounds *bounds = row->bounds;
    struct buffer bound = {0};
    int64_t count = 0;
    for (size_t i = 0; i <= bounds->count; i++) {
        count += sum_cell(metrics, first + i);
        buffer_clear(&bound);
        if (i < bounds->count) put_number(&bound, bounds->values[i], bounds->scale);
        if (i == bounds->count) buffer_append_text(&bound, "+Inf");
        buffer_append_character(&bound, '\0');
        put_sample(out, row, "_bucket", bound.data, count, 1);
    }
    buffer_free(&bound);
    put_sample(out, row, "_sum", NULL, sum_cell(metrics, first + bounds->count + 1), bounds->scale);
    put_sample(out, row, "_count", NULL, count, 1);
}

static void put_family_head(struct buffer *out, const struct metric *row)
{
    static const char *const kinds[] = {"counter", "gauge", "histogram"};
    const char *const parts[] = {"# HELP ", row->family, " ", row->help,        "\n",
                                 "# TYPE ", row->family, " ", kinds[row->kind], "\n"};
    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++) buffer_append_text(out, parts[i]);
}

void metrics_write(struct metrics *metrics, struct buffer *out)
{
    for (size_t i = 0; i < metrics->row_count; i++) {
        const struct metric *row = &metrics->rows[i];
        bool opens_family =
            i == 0 || !bytes_equal_text(bytes_of_text(row->family), metrics->rows[i - 1].family);
        if (opens_family) put_family_head(out, row);
        if (row->kind == METRIC_IS_HISTOGRAM) {
            put_histogram(metrics, out, row, metrics->first_cell[i]);
        } else {
            put_sample(out, row, "", NULL, sum_cell(metrics, metrics->first_cell[i]), row->scale);
        }
    }
}
