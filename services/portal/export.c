/* GET /api/v1/export.csv: all reports that fit, page after page of one position of the record, as they are read.
 *
 * A page is asked for when the one before it is out: meanwhile the connection is suspended. What fails behind the first
 * page breaks the connection off, so that a cut file is not taken for a whole one. Memory: one page. At most
 * EXPORTS_AT_A_TIME, each page read within PAGE_MS.
 */
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "common/export/report_sheet.h"
#include "services/portal/answer.h"
#include "services/portal/exchange.h"
#include "services/portal/http.h"
#include "services/portal/record_query.h"
#include "services/portal/relay.h"

#define PAGE_ROWS 200
#define PAGE_MS 120000
#define PAGE_BYTES_MAX (64 * 1024 * 1024)
#define EXPORTS_AT_A_TIME 4
#define RETRY_MS 5000
#define BLOCK_BYTES 65536
#define CURSOR_SIZE 801 /* 200 characters */
#define UTF8_MEDIA_TYPE "text/csv; charset=utf-8; header=present"
#define GB18030_MEDIA_TYPE "text/csv; charset=GB18030; header=present"
#define FILE_NAME "%E5%BF%97%E6%84%BF%E6%9C%8D%E5%8A%A1%E8%AE%B0%E5%BD%95.csv" /* 志愿服务记录.csv */

struct download {
    struct portal *portal;
    struct exchange *exchange;      /* lives as long as its answer is being read */
    struct wire_record_query query; /* views into the exchange */
    struct report_sheet *sheet;
    bool gb18030;
    struct arena *arena; /* of one page */
    struct buffer out;
    size_t sent;
    char cursor[CURSOR_SIZE]; /* of the page to come; empty at the end */
    bool asking;
    bool suspended;
    bool broken;
};

static void free_download(void *data) {
    struct download *download = data;
    download->portal->exports--;
    report_sheet_close(&download->sheet);
    arena_destroy(&download->arena);
    buffer_free(&download->out);
    free(download);
}

static const char *media_type_of(bool gb18030) {
    return gb18030 ? GB18030_MEDIA_TYPE : UTF8_MEDIA_TYPE;
}

static int add_rows(struct download *download, const struct wire_record_answer *answer, struct error *error) {
    const struct wire_record_entry *entries = answer->rows.items;
    int result = 0;
    for (uint32_t i = 0; result == 0 && i < answer->rows.count; i++) {
        result = report_sheet_row(download->sheet, &entries[i], &download->out, error);
    }
    return result;
}

/* The answer's rows behind what is there to send. */
static int take_page(struct download *download, const struct call_result *result, struct wire_record_answer *answer,
                     struct error *error) {
    struct faults faults = {0};
    arena_reset(download->arena);
    if (codec_decode(shape_of(SHAPE_record_answer), result->payload, download->arena, answer, &faults) < 0) {
        return error_setf(error, ERR_INTERNAL, "the archiver's answer cannot be read");
    }
    snprintf(download->cursor, sizeof download->cursor, "%.*s", (int)answer->cursor.length,
             answer->cursor.data ? answer->cursor.data : "");
    return add_rows(download, answer, error);
}

/* ---- the pages that follow ---- */

static void page_came(const struct call_result *result, void *data) {
    struct download *download = data;
    struct wire_record_answer answer;
    struct error error = result->error;
    download->asking = false;
    buffer_clear(&download->out);
    download->sent = 0;
    if (error.code != ERR_OK || take_page(download, result, &answer, &error) < 0) {
        download->broken = true;
        log_write(&download->portal->service->log, LOG_LEVEL_WARN, "an export was broken off", "code=%s",
                  error_wire(error.code));
    }
    if (download->suspended) {
        download->suspended = false;
        MHD_resume_connection(download->exchange->connection);
        http_wake(download->portal->http);
    }
}

static void ask_page(struct download *download) {
    download->query.cursor = text_of(download->cursor);
    wire_set(&download->query.present, FIELD_record_query_cursor);
    download->asking = true;
    relay_send(download->exchange, download->portal->record, "reports", SHAPE_record_query, &download->query, page_came,
               download);
    if (download->asking) {
        download->suspended = true;
        MHD_suspend_connection(download->exchange->connection);
    }
}

static ssize_t read_download(void *data, uint64_t position, char *out, size_t max) {
    (void)position;
    struct download *download = data;
    if (download->sent == 0) {
        http_close_in(http_connection_of(download->exchange->connection), PAGE_MS);
    }
    size_t left = download->out.length - download->sent;
    if (download->broken) {
        return MHD_CONTENT_READER_END_WITH_ERROR;
    }
    if (left == 0 && download->cursor[0] == '\0') {
        return MHD_CONTENT_READER_END_OF_STREAM;
    }
    if (left == 0) {
        ask_page(download);
        return 0;
    }
    size_t length = left < max ? left : max;
    memcpy(out, download->out.data + download->sent, length);
    download->sent += length;
    return (ssize_t)length;
}

/* ---- the first page ---- */

static void answer_stream(struct download *download, struct text as_of) {
    struct exchange *exchange = download->exchange;
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES, read_download, download, free_download);
    if (!response) {
        struct error error;
        free_download(download);
        error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
        exchange_fail(exchange, &error);
        return;
    }
    exchange_add_header(exchange, "X-Chaoxun-As-Of", "%.*s", (int)as_of.length, as_of.data);
    exchange_add_header(exchange, "Content-Disposition", "attachment; filename=\"reports.csv\"; filename*=UTF-8''%s",
                        FILE_NAME);
    exchange_stream(exchange, media_type_of(download->gb18030), response);
}

/* The headers stand before the rows of the first page. */
static int take_first(struct download *download, const struct call_result *result, struct wire_record_answer *answer,
                      struct error *error) {
    int code = report_sheet_header(download->sheet, &download->out, error);
    return code == 0 ? take_page(download, result, answer, error) : code;
}

static void first_came(const struct call_result *result, void *data) {
    struct download *download = data;
    struct exchange *exchange = download->exchange;
    struct wire_record_answer answer = {0};
    struct error error;
    if (result->error.code != ERR_OK) {
        free_download(download);
        exchange_fail_call(exchange, result);
    } else if (take_first(download, result, &answer, &error) < 0) {
        free_download(download);
        exchange_fail(exchange, &error);
    } else {
        answer_stream(download, answer.as_of);
    }
}

/* ---- the beginning ---- */

static bool is(struct text word, const char *name) {
    return word.length == strlen(name) && strncasecmp(word.data, name, word.length) == 0;
}

static int read_encoding(struct text word, bool *gb18030, struct error *error) {
    *gb18030 = is(word, "gb18030");
    bool known = word.length == 0 || *gb18030 || is(word, "utf-8");
    return known ? 0 : problem_error(error, ERR_BAD_QUERY, "encoding", "utf-8 or gb18030", word);
}

static int read_query(const struct exchange *exchange, struct wire_record_query *query, bool *gb18030,
                      struct error *error) {
    static const char *const extra[] = {"encoding", NULL};
    static const char *const pages[] = {"cursor", "limit"};
    const struct reader reader = {exchange->principal.role, exchange->principal.unit};
    const struct target *target = &exchange->target;
    for (unsigned i = 0; i < sizeof pages / sizeof *pages; i++) {
        struct text value = target_value(target, pages[i]);
        if (value.data) {
            return problem_error(error, ERR_BAD_QUERY, pages[i], "a parameter of this address: all pages come", value);
        }
    }
    int result = read_encoding(target_value(target, "encoding"), gb18030, error);
    return result == 0 ? record_query_read(target, &reader, extra, query, error) : result;
}

static struct download *make_download(struct exchange *exchange, bool gb18030, struct error *error) {
    struct download *download = calloc(1, sizeof *download);
    if (!download) {
        error_set(error, ERR_NO_MEMORY, (struct error_words){0});
        return NULL;
    }
    *download = (struct download){.portal = exchange->portal, .exchange = exchange, .gb18030 = gb18030};
    download->portal->exports++;
    download->arena = arena_create(PAGE_BYTES_MAX);
    int result = download->arena ? report_sheet_open(&download->sheet, gb18030, error)
                                 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    if (result < 0) {
        free_download(download);
        return NULL;
    }
    return download;
}

static void start(struct exchange *exchange, const struct wire_record_query *query, bool gb18030) {
    struct error error;
    struct download *download = make_download(exchange, gb18030, &error);
    if (!download) {
        exchange_fail(exchange, &error);
        return;
    }
    download->query = *query;
    download->query.limit = PAGE_ROWS;
    wire_set(&download->query.present, FIELD_record_query_limit);
    relay_send(exchange, exchange->portal->record, "reports", SHAPE_record_query, &download->query, first_came,
               download);
}

void route_export_csv(struct exchange *exchange) {
    struct wire_record_query query;
    bool gb18030 = false;
    struct error error;
    if (read_query(exchange, &query, &gb18030, &error) < 0) {
        exchange_fail(exchange, &error);
    } else if (exchange->head) {
        struct buffer nothing = {0};
        exchange_answer(exchange, 200, media_type_of(gb18030), &nothing);
    } else if (exchange->portal->exports >= EXPORTS_AT_A_TIME) {
        error_set(&error, ERR_BUSY, (struct error_words){.limit = "5000"});
        exchange_fail_problem(exchange, &(struct problem){.error = &error, .retry_after = RETRY_MS});
    } else {
        start(exchange, &query, gb18030);
    }
}
