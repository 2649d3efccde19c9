/* Reading the pushes of providers. */
#include "services/portal/provider_reports.h"

#include <stdio.h>

#include <sodium.h>

#include "proto/json.h"

#define TAG_SIZE 201
#define HANDLE_SIZE 101
#define WORDS_SIZE 201

enum code { UNREADABLE = 0, DELIVERED = 1, UNDELIVERED = 2, TAKEN = 8 };

struct format {
    const char *name;
    const char *tag;      /* NULL: it hands nothing back */
    const char *handle;   /* its own name for the message */
    const char *words[2]; /* a code, and what it means; may be NULL */
    enum code (*code)(const json_t *report);
    const char *answer;
};

/* ---- what a report says ---- */

static bool is(const json_t *report, const char *field, const char *word) {
    const char *value = json_string_value(json_object_get(report, field));
    return value && strcmp(value, word) == 0;
}

static enum code aliyun_code(const json_t *report) {
    const json_t *success = json_object_get(report, "success");
    if (json_is_boolean(success)) {
        return json_is_true(success) ? DELIVERED : UNDELIVERED;
    }
    return UNREADABLE;
}

static enum code tencent_code(const json_t *report) {
    if (is(report, "report_status", "SUCCESS")) {
        return DELIVERED;
    }
    return is(report, "report_status", "FAIL") ? UNDELIVERED : UNREADABLE;
}

/* CM:0000 alone says that the platform took it, CM:3000 that it went on: the handset's own word is DELIVRD. */
static enum code mas_code(const json_t *report) {
    if (is(report, "errorCode", "DELIVRD") || is(report, "reportStatus", "DELIVRD")) {
        return DELIVERED;
    }
    if (is(report, "reportStatus", "CM:0000") || is(report, "reportStatus", "CM:3000")) {
        return TAKEN;
    }
    return json_is_string(json_object_get(report, "reportStatus")) ? UNDELIVERED : UNREADABLE;
}

static const struct format formats[] = {
    [REPORTING_ALIYUN] =
        {"aliyun", "out_id", "biz_id", {"err_code", "err_msg"}, aliyun_code, "{\"code\":0,\"msg\":\"OK\"}"},
    [REPORTING_TENCENT] =
        {"tencent", "ext", "sid", {"errmsg", "description"}, tencent_code, "{\"result\":0,\"errmsg\":\"OK\"}"},
    [REPORTING_MAS] = {"mas", NULL, "msgGroup", {"reportStatus", "errorCode"}, mas_code, "{\"status\":\"noted\"}"},
};

/* ---- one report ---- */

/* The field as one printable line in the arena; empty when it is not there. False without memory. */
static bool keep(const json_t *report, const char *field, size_t size, struct arena *arena, struct text *out) {
    char shown[WORDS_SIZE];
    const json_t *value = field ? json_object_get(report, field) : NULL;
    struct text said = {json_string_value(value), (uint32_t)json_string_length(value)};
    *out = (struct text){0};
    if (said.length == 0) {
        return true;
    }
    text_show(said, shown, size);
    size_t length = strlen(shown);
    *out = (struct text){arena_copy(arena, shown, length), (uint32_t)length};
    return out->data != NULL;
}

static bool keep_words(const struct format *format, const json_t *report, struct arena *arena, struct text *out) {
    char said[2 * WORDS_SIZE + 2];
    char shown[WORDS_SIZE];
    struct text parts[2];
    for (int i = 0; i < 2; i++) {
        if (!keep(report, format->words[i], WORDS_SIZE, arena, &parts[i])) {
            return false;
        }
    }
    bool both = parts[0].length > 0 && parts[1].length > 0 && !text_equal(parts[0], parts[1]);
    struct text second = both || parts[0].length == 0 ? parts[1] : (struct text){0};
    snprintf(said, sizeof said, "%.*s%s%.*s", (int)parts[0].length, parts[0].length ? parts[0].data : "",
             both ? ": " : "", (int)second.length, second.length ? second.data : "");
    text_show(text_of(said), shown, sizeof shown);
    *out = (struct text){arena_copy(arena, shown, strlen(shown)), (uint32_t)strlen(shown)};
    return out->data != NULL;
}

static void mark(struct wire_provider_report *report) {
    static const unsigned fields[] = {FIELD_provider_report_tag, FIELD_provider_report_handle,
                                      FIELD_provider_report_words};
    const struct text values[] = {report->tag, report->handle, report->words};
    wire_set(&report->present, FIELD_provider_report_code);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (values[i].length > 0) {
            wire_set(&report->present, fields[i]);
        }
    }
}

/* 1 read, 0 it cannot be, -ERR_NO_MEMORY. What names no message is of no use. */
static int read_report(const struct format *format, const json_t *said, struct arena *arena,
                       struct wire_provider_report *report) {
    enum code code = json_is_object(said) ? format->code(said) : UNREADABLE;
    *report = (struct wire_provider_report){.code = code};
    if (code == UNREADABLE) {
        return 0;
    }
    if (!keep(said, format->tag, TAG_SIZE, arena, &report->tag) ||
        !keep(said, format->handle, HANDLE_SIZE, arena, &report->handle) ||
        !keep_words(format, said, arena, &report->words)) {
        return -ERR_NO_MEMORY;
    }
    mark(report);
    return report->tag.length + report->handle.length > 0;
}

/* ---- a push ---- */

static int read_all(const struct format *format, const json_t *said, struct arena *arena,
                    struct wire_provider_reports *reports, struct error *error) {
    size_t count = json_array_size(said);
    struct wire_provider_report *items = arena_alloc(arena, (count + 1) * sizeof *items);
    reports->reports = (struct list){items, 0};
    for (size_t i = 0; items && i < count; i++) {
        int result = read_report(format, json_array_get(said, i), arena, &items[reports->reports.count]);
        if (result < 0) {
            items = NULL;
        }
        reports->reports.count += result == 1;
        reports->unread += result == 0;
    }
    return items ? 0 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

static int check_count(const json_t *said, struct error *error) {
    char value[24];
    int64_t most = shape_of(SHAPE_provider_reports)->fields[FIELD_provider_reports_reports].max;
    if (!json_is_array(said)) {
        return error_set(error, ERR_WRONG_TYPE, (struct error_words){"the body", "an array of reports", ""});
    }
    snprintf(value, sizeof value, "%zu", json_array_size(said));
    return json_array_size(said) <= (size_t)most
               ? 0
               : error_set(error, ERR_TOO_MANY, (struct error_words){"reports", "1000", value});
}

static int check_size(struct text body, struct error *error) {
    char value[24];
    snprintf(value, sizeof value, "%u", body.length);
    return body.length <= PROVIDER_PUSH_BYTES_MAX
               ? 0
               : error_set(error, ERR_TOO_LARGE, (struct error_words){.limit = "524288", .value = value});
}

/* As MAS takes what is sent to it, it may hand in its own: base64 of JSON. Any other body stays as it is. */
static struct text unwrap(struct text body, struct arena *arena) {
    size_t length = 0;
    char *json = body.length > 0 ? arena_alloc(arena, body.length) : NULL;
    bool wrapped = json && body.data[0] != '[' && body.data[0] != '{' &&
                   sodium_base642bin((unsigned char *)json, body.length, body.data, body.length, " \r\n", &length, NULL,
                                     sodium_base64_VARIANT_ORIGINAL) == 0;
    return wrapped ? (struct text){json, (uint32_t)length} : body;
}

int provider_reports_read(enum reporting_provider provider, struct text body, struct arena *arena,
                          struct wire_provider_reports *reports, struct error *error) {
    const struct format *format = &formats[provider];
    *reports = (struct wire_provider_reports){.provider = text_of(format->name)};
    int result = check_size(body, error);
    if (result == 0 && provider == REPORTING_MAS) {
        body = unwrap(body, arena);
    }
    json_t *said = result == 0 ? json_parse(body, error) : NULL;
    if (!said) {
        return -(int)error->code;
    }
    if (json_is_object(said)) {
        said = json_pack("[o]", said); /* a single one */
    }
    result = check_count(said, error);
    result = result < 0 ? result : read_all(format, said, arena, reports, error);
    json_decref(said);
    wire_set(&reports->present, FIELD_provider_reports_provider);
    wire_set(&reports->present, FIELD_provider_reports_reports);
    if (reports->unread > 0) {
        wire_set(&reports->present, FIELD_provider_reports_unread);
    }
    return result;
}

const char *provider_reports_answer(enum reporting_provider provider) {
    return formats[provider].answer;
}
