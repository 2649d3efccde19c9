/* Serving the pages, with an ETag so that a browser keeps them. */
#include "services/portal/pages.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "services/portal/exchange.h"
#include "services/portal/problem.h"

#define ETAG_BYTES 12
#define ETAG_SIZE (2 * ETAG_BYTES + 3) /* with quotes and the terminator */
#define FILE_BYTES_MAX (4 * 1024 * 1024)

struct pages {
    const char *directory; /* of the setting; NULL: built in */
    char (*etags)[ETAG_SIZE];
};

/* Addresses that are not the name of a file. */
static const struct {
    const char *path;
    const char *file;
} addresses[] = {{"/", "index.html"},          {"/report", "report.html"},     {"/totals", "totals.html"},
                 {"/record", "record.html"},   {"/notices", "notices.html"},   {"/rules", "rules.html"},
                 {"/sending", "sending.html"}, {"/favicon.ico", "favicon.svg"}};

static const struct {
    const char *ending;
    const char *media_type;
} media_types[] = {{".html", "text/html; charset=utf-8"},
                   {".css", "text/css; charset=utf-8"},
                   {".js", "text/javascript; charset=utf-8"},
                   {".svg", "image/svg+xml"}};

static void make_etag(const void *data, size_t length, char etag[ETAG_SIZE]) {
    uint8_t hash[crypto_generichash_BYTES];
    char hex[2 * ETAG_BYTES + 1];
    crypto_generichash(hash, sizeof hash, data, length, NULL, 0);
    sodium_bin2hex(hex, sizeof hex, hash, ETAG_BYTES);
    snprintf(etag, ETAG_SIZE, "\"%s\"", hex);
}

int pages_open(struct pages **pages, const struct config *config, struct error *error) {
    struct pages *made = calloc(1, sizeof *made);
    if (!made || !(made->etags = calloc(page_file_count, sizeof *made->etags))) {
        free(made);
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    const char *directory = config_text(config, SETTING_WEB);
    made->directory = directory[0] != '\0' ? directory : NULL;
    for (size_t i = 0; i < page_file_count; i++) {
        make_etag(page_files[i].data, page_files[i].length, made->etags[i]);
    }
    *pages = made;
    return 0;
}

void pages_close(struct pages **pages) {
    if (*pages) {
        free((*pages)->etags);
        free(*pages);
        *pages = NULL;
    }
}

/* Index of the file that an exchange asks for; -1: none. Only built-in names are served, also from a directory. */
static int find_file(const struct exchange *exchange) {
    struct text name = exchange->segment;
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        if (text_equal(exchange->target.path, text_of(addresses[i].path))) {
            name = text_of(addresses[i].file);
        }
    }
    for (size_t i = 0; i < page_file_count; i++) {
        if (text_equal(text_of(page_files[i].name), name)) {
            return (int)i;
        }
    }
    return -1;
}

static const char *media_type_of(const char *name) {
    const char *ending = strrchr(name, '.');
    for (size_t i = 0; ending && i < sizeof media_types / sizeof *media_types; i++) {
        if (strcmp(media_types[i].ending, ending) == 0) {
            return media_types[i].media_type;
        }
    }
    return "application/octet-stream";
}

/* Reads a file of the development directory anew each time. */
static int read_file(const char *directory, const char *name, struct buffer *out, struct error *error) {
    char path[4200];
    char chunk[8192];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return error_setf(error, ERR_IO, "%s: %s", name, strerror(errno));
    }
    ssize_t got;
    while ((got = read(file, chunk, sizeof chunk)) > 0 && out->length < FILE_BYTES_MAX) {
        buffer_append(out, chunk, (size_t)got);
    }
    close(file);
    return got < 0 ? error_setf(error, ERR_IO, "%s: %s", name, strerror(errno)) : 0;
}

static void answer_file(struct exchange *exchange, const char *name, const char *etag, struct buffer *content) {
    const char *known = exchange_request_header(exchange, MHD_HTTP_HEADER_IF_NONE_MATCH);
    exchange_add_header(exchange, "Cache-Control", "no-cache");
    exchange_add_header(exchange, "ETag", "%s", etag);
    if (known && strstr(known, etag)) {
        buffer_free(content);
        exchange_answer_nothing(exchange, 304);
    } else {
        exchange_answer(exchange, 200, media_type_of(name), content);
    }
}

void route_page(struct exchange *exchange) {
    const struct pages *pages = exchange->portal->pages;
    int index = find_file(exchange);
    struct error error;
    struct buffer content = {0};
    if (index < 0) {
        problem_error(&error, ERR_NOT_FOUND, "", "", exchange->target.path);
        exchange_fail(exchange, &error);
        return;
    }
    const struct page_file *file = &page_files[index];
    if (!pages->directory) {
        buffer_append(&content, file->data, file->length);
        answer_file(exchange, file->name, pages->etags[index], &content);
        return;
    }
    if (read_file(pages->directory, file->name, &content, &error) < 0) {
        buffer_free(&content);
        exchange_fail(exchange, &error);
        return;
    }
    char etag[ETAG_SIZE];
    make_etag(content.data, content.length, etag);
    answer_file(exchange, file->name, etag, &content);
}
