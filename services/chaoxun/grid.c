/* The grid: remembers cells, then prints them with the widths that it found. */
#include "services/chaoxun/grid.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <wchar.h>

#define CELL_MAX 2000
#define GAP 2

struct grid {
    char *headers[GRID_COLUMNS_MAX];
    enum grid_align aligns[GRID_COLUMNS_MAX];
    int widths[GRID_COLUMNS_MAX];
    uint32_t columns;
    char **cells;
    size_t count;
    size_t capacity;
    bool failed;
};

int grid_width(struct text text) {
    int width = 0;
    mbstate_t state = {0};
    const char *at = text.data;
    size_t left = text.length;
    while (left > 0) {
        wchar_t character;
        size_t span = mbrtowc(&character, at, left, &state);
        if (span == 0 || span > left) {
            break;
        }
        int columns = wcwidth(character);
        width += columns > 0 ? columns : 0;
        at += span;
        left -= span;
    }
    return width;
}

struct grid *grid_create(void) {
    return calloc(1, sizeof(struct grid));
}

void grid_destroy(struct grid **grid) {
    if (!*grid) {
        return;
    }
    for (uint32_t column = 0; column < (*grid)->columns; column++) {
        free((*grid)->headers[column]);
    }
    for (size_t cell = 0; cell < (*grid)->count; cell++) {
        free((*grid)->cells[cell]);
    }
    free((*grid)->cells);
    free(*grid);
    *grid = NULL;
}

void grid_column(struct grid *grid, const char *header, enum grid_align align) {
    assert(grid->columns < GRID_COLUMNS_MAX && grid->count == 0);
    grid->headers[grid->columns] = strdup(header);
    grid->failed = grid->failed || !grid->headers[grid->columns];
    grid->widths[grid->columns] = grid_width(text_of(header));
    grid->aligns[grid->columns++] = align;
}

static bool grow(struct grid *grid) {
    if (grid->count < grid->capacity) {
        return true;
    }
    size_t capacity = grid->capacity ? 2 * grid->capacity : 64;
    char **cells = realloc(grid->cells, capacity * sizeof *cells);
    if (cells) {
        grid->cells = cells;
        grid->capacity = capacity;
    }
    return cells != NULL;
}

void grid_cell(struct grid *grid, struct text text) {
    assert(grid->columns > 0);
    char *copy = grow(grid) ? malloc(text.length + 1) : NULL;
    if (!copy) {
        grid->failed = true;
        return;
    }
    if (text.length > 0) {
        memcpy(copy, text.data, text.length);
    }
    copy[text.length] = '\0';
    int width = grid_width(text);
    int *widest = &grid->widths[grid->count % grid->columns];
    *widest = width > *widest ? width : *widest;
    grid->cells[grid->count++] = copy;
}

void grid_cellf(struct grid *grid, const char *format, ...) {
    char text[CELL_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    grid_cell(grid, text_of(text));
}

static void print_cell(const struct grid *grid, uint32_t column, const char *text, FILE *out) {
    int padding = grid->widths[column] - grid_width(text_of(text));
    bool last = column + 1 == grid->columns;
    if (grid->aligns[column] == GRID_RIGHT) {
        fprintf(out, "%*s%s", padding, "", text);
    } else {
        fprintf(out, "%s%*s", text, last ? 0 : padding, "");
    }
    fprintf(out, "%*s", last ? 0 : GAP, "");
}

static void print_line(const struct grid *grid, FILE *out) {
    int total = GAP * (int)(grid->columns - 1);
    for (uint32_t column = 0; column < grid->columns; column++) {
        total += grid->widths[column];
    }
    for (int i = 0; i < total; i++) {
        fputc('-', out);
    }
    fputc('\n', out);
}

bool grid_print(const struct grid *grid, FILE *out) {
    assert(grid->columns > 0);
    if (grid->failed) {
        return false;
    }
    for (uint32_t column = 0; column < grid->columns; column++) {
        print_cell(grid, column, grid->headers[column], out);
    }
    fputc('\n', out);
    print_line(grid, out);
    for (size_t cell = 0; cell < grid->count; cell++) {
        uint32_t column = (uint32_t)(cell % grid->columns);
        print_cell(grid, column, grid->cells[cell], out);
        if (column + 1 == grid->columns) {
            fputc('\n', out);
        }
    }
    return true;
}
