/* Taking a file out of a body; libmicrohttpd reads the multipart form. */
#include "services/portal/upload.h"

#include "services/portal/problem.h"

#define FORM_BYTES 8192 /* of libmicrohttpd, for the heads of parts */
#define MULTIPART "multipart/form-data"

static const char *const plain_types[] = {"text/csv", "text/plain", "application/csv", "application/vnd.ms-excel",
                                          "application/octet-stream"};

/* Gathers the first file; what else is in the form is left. */
struct form {
    struct buffer *part;
    bool found;
    bool taking;
};

static enum MHD_Result on_part(void *data, enum MHD_ValueKind kind, const char *key, const char *filename,
                               const char *content_type, const char *encoding, const char *bytes, uint64_t offset,
                               size_t size) {
    (void)kind;
    (void)content_type;
    (void)encoding;
    struct form *form = data;
    if (offset == 0) {
        form->taking = !form->found && (filename || (key && strcmp(key, "file") == 0));
        form->found = form->found || form->taking;
    }
    if (form->taking) {
        buffer_append(form->part, bytes, size);
    }
    return MHD_YES;
}

static int read_form(const struct exchange *exchange, struct buffer *part, struct error *error) {
    struct form form = {.part = part};
    struct MHD_PostProcessor *processor = MHD_create_post_processor(exchange->connection, FORM_BYTES, on_part, &form);
    if (!processor) {
        return problem_error(error, ERR_BAD_MEDIA, "", MULTIPART "; boundary=...", text_of(MULTIPART));
    }
    struct text body = exchange_body(exchange);
    enum MHD_Result fed = MHD_post_process(processor, body.data, body.length);
    enum MHD_Result ended = MHD_destroy_post_processor(processor);
    if (part->failed) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    if (!form.found || fed != MHD_YES || ended != MHD_YES) {
        return error_set(error, ERR_MISSING, (struct error_words){.field = "file"});
    }
    return 0;
}

int upload_read(const struct exchange *exchange, struct buffer *part, struct text *file, struct error *error) {
    for (size_t i = 0; i < sizeof plain_types / sizeof *plain_types; i++) {
        if (exchange_media_is(exchange, plain_types[i])) {
            *file = exchange_body(exchange);
            return 0;
        }
    }
    if (!exchange_media_is(exchange, MULTIPART)) {
        const char *media_type = exchange_request_header(exchange, MHD_HTTP_HEADER_CONTENT_TYPE);
        return problem_error(error, ERR_BAD_MEDIA, "", "text/csv, " MULTIPART, text_of(media_type));
    }
    int result = read_form(exchange, part, error);
    *file = (struct text){(const char *)part->data, (uint32_t)part->length};
    return result;
}
