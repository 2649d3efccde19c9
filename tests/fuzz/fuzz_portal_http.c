/* Fuzzes what the portal does with the bytes of a request: target, headers, bodies, metrics of others.
 *
 * The first byte chooses the part. What is accepted keeps its promises: paths and values are UTF-8 without control
 * characters, a frame for intake splits into as many events as were sent on, every refusal is a problem document.
 */
#include <assert.h>

#include "services/portal/board.h"
#include "services/portal/exposition.h"
#include "services/portal/kannel.h"
#include "services/portal/problem.h"
#include "services/portal/provider_reports.h"
#include "services/portal/record_query.h"
#include "services/portal/routes.h"
#include "services/portal/session.h"
#include "services/portal/squads.h"
#include "services/portal/submission.h"
#include "services/portal/totals_query.h"

#define NOW INT64_C(1795000000000)
#define MEMORY ((size_t)128 * 1024 * 1024)

static void check_problem(const struct error *error) {
    struct buffer document = {0};
    assert(error->code > ERR_OK && error->code < ERR_COUNT);
    assert(text_is_utf8(text_of(error->text)) && text_is_utf8(text_of(error->text_zh)));
    assert(problem_render(&(struct problem){.error = error}, &document) >= 400);
    assert(!document.failed);
    buffer_free(&document);
}

static void check_text(struct text text) {
    struct text_facts facts = text_examine(text);
    assert(facts.valid && !facts.controls && !facts.line_controls);
}

static void check_query(const struct target *target, struct arena *arena) {
    struct wire_totals_query query;
    struct error error = {0};
    struct buffer payload = {0};
    struct faults faults = {0};
    if (totals_query_read(target, TOTALS_FIGURES, &query, &error) < 0) {
        check_problem(&error);
        return;
    }
    /* Whatever goes to the aggregator can be read there; its fields' limits are the aggregator's to refuse. */
    assert(codec_encode(shape_of(SHAPE_totals_query), &query, &payload) == 0);
    struct text bytes = {(const char *)payload.data, (uint32_t)payload.length};
    (void)codec_decode(shape_of(SHAPE_totals_query), bytes, arena, &query, &faults);
    buffer_free(&payload);
}

static void check_encoded(enum shape_index shape, const void *value) {
    struct buffer payload = {0};
    assert(codec_encode(shape_of(shape), value, &payload) == 0);
    buffer_free(&payload);
}

/* Who asks is never what the query says. */
static void check_record_query(const struct target *target) {
    static const char *const extra[] = {"encoding", NULL};
    static const struct reader guide = {ROLE_GUIDE, "haining"};
    struct wire_record_query query;
    struct error error = {0};
    if (record_query_read(target, &guide, extra, &query, &error) < 0) {
        check_problem(&error);
        return;
    }
    assert(!query.side && query.text.length == 0 && text_equal(query.within, text_of("haining")));
    check_encoded(SHAPE_record_query, &query);
}

static void fuzz_hook(struct text raw, struct arena *arena) {
    struct target target;
    struct wire_delivery_report report;
    struct error error = {0};
    if (target_parse_foreign(raw, arena, &target, &error) < 0 || kannel_report_read(&target, &report, &error) < 0) {
        check_problem(&error);
        return;
    }
    check_text(report.words);
    check_encoded(SHAPE_delivery_report, &report);
}

/* What is handed on of a provider's push can be read there. */
static void fuzz_push(struct text body, struct arena *arena) {
    for (int provider = REPORTING_ALIYUN; provider <= REPORTING_MAS; provider++) {
        struct wire_provider_reports reports;
        struct wire_provider_reports again;
        struct faults faults = {0};
        struct buffer out = {0};
        struct error error = {0};
        if (provider_reports_read((enum reporting_provider)provider, body, arena, &reports, &error) < 0) {
            check_problem(&error);
            continue;
        }
        reports.token = text_of("t");
        wire_set(&reports.present, FIELD_provider_reports_token);
        assert(codec_encode(shape_of(SHAPE_provider_reports), &reports, &out) == 0);
        struct text bytes = {(const char *)out.data, (uint32_t)out.length};
        assert(codec_decode(shape_of(SHAPE_provider_reports), bytes, arena, &again, &faults) == 0);
        buffer_free(&out);
    }
}

static void fuzz_target(struct text raw, struct arena *arena) {
    struct target target;
    struct error error = {0};
    struct route_match match;
    if (target_parse(raw, arena, &target, &error) < 0) {
        check_problem(&error);
        return;
    }
    check_text(target.path);
#ifdef PLANTED_BUG
    /* Believes that nobody writes a tilde into an address. */
    assert(!memchr(target.path.data, '~', target.path.length));
#endif
    for (uint32_t i = 0; i < target.count; i++) {
        check_text(target.parameters[i].name);
        check_text(target.parameters[i].value);
    }
    if (route_find(METHOD_PUT, target.path, &match) == ROUTE_FOUND && match.segment.length > 0) {
        assert(!memchr(match.segment.data, '/', match.segment.length));
    }
    check_query(&target, arena);
    check_record_query(&target);
}

static void fuzz_headers(struct text bytes) {
    uint8_t hash[TOKEN_HASH_BYTES];
    struct text cookie = cookie_value(bytes, SESSION_COOKIE);
    struct text bearer = bearer_value(bytes);
    assert(!cookie.data || (cookie.data > bytes.data && cookie.data + cookie.length <= bytes.data + bytes.length));
    assert(!bearer.data || (bearer.data > bytes.data && bearer.data + bearer.length <= bytes.data + bytes.length));
    (void)token_hash(cookie, hash);
    (void)token_hash(bearer, hash);
    struct site_facts facts = {.origin = bytes, .host = bytes};
    assert(bytes.length == 0 || site_is_other(&facts)); /* no origin is its own host: it has a scheme in front */
}

static void check_submission(struct submission *submission, struct arena *arena) {
    struct text *events;
    uint32_t count = 0;
    struct error error = {0};
    assert(submission->count > 0 && submission->sent_count <= submission->count);
    if (submission->sent_count > 0) {
        struct text frame = {(const char *)submission->frame.data, (uint32_t)submission->frame.length};
        assert(codec_split_frame(frame, arena, &events, &count, &error) == 0);
        assert(count == submission->sent_count);
    }
    int status = submission->sent_count == 0 ? submission_status(submission) : 422;
    assert(status == 422);
    submission_free(submission);
}

static void fuzz_body(struct text body, bool json, struct arena *arena) {
    static const struct principal squad = {.account = "xiashi", .unit = "haining/xiashi", .role = ROLE_SQUAD};
    struct submission submission;
    struct error error = {0};
    int result = json ? submission_read_json(&submission, body, &squad, NOW, arena, &error)
                      : submission_read_msgpack(&submission, body, arena, &error);
    if (result < 0) {
        check_problem(&error);
    } else {
        check_submission(&submission, arena);
    }
}

static void fuzz_words(struct text bytes) {
    struct squad items[] = {{text_of("haining/xucun"), text_of("许村志愿中队")}, {text_of("a"), {0}}};
    const struct squads squads = {.items = items, .count = 2};
    struct board board = {0};
    struct buffer out = {0};
    (void)squads_find(&squads, bytes);
    assert(board_since(&board, bytes) == BOARD_NOTHING);
    const struct text texts[] = {bytes, text_of("# TYPE a gauge\na 1\n")};
    exposition_merge(texts, 2, &out);
    assert(!out.failed && out.length <= (size_t)bytes.length + texts[1].length + 1);
    buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) {
        return 0;
    }
    struct arena *arena = arena_create(MEMORY);
    struct text rest = {(const char *)data + 1, (uint32_t)size - 1};
    switch (data[0]) {
    case 't':
        fuzz_target(rest, arena);
        break;
    case 'h':
        fuzz_headers(rest);
        break;
    case 'p':
        fuzz_push(rest, arena);
        break;
    case 'k':
        fuzz_hook(rest, arena);
        break;
    case 'j':
        fuzz_body(rest, true, arena);
        break;
    case 'm':
        fuzz_body(rest, false, arena);
        break;
    default:
        fuzz_words(rest);
        break;
    }
    arena_destroy(&arena);
    return 0;
}
