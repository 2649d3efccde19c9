/* The browser pages: files of services/portal/web, built into the binary; from a directory with the setting `web`. */
#pragma once

#include "common/config.h"
#include "proto/codec.h"

struct pages;

/* A file as it was at build time; made by embed.cmake into page_files. */
struct page_file {
    const char *name; /* "totals.js" */
    const uint8_t *data;
    size_t length;
};

extern const struct page_file page_files[];
extern const size_t page_file_count;

int pages_open(struct pages **pages, const struct config *config, struct error *error);
void pages_close(struct pages **pages);
