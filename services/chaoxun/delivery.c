/* Deliveries: the notifier's rows for people. */
#include "services/chaoxun/delivery.h"

#include <stdio.h>
#include <time.h>

#include "common/clock.h"
#include "services/chaoxun/grid.h"
#include "services/chaoxun/moment.h"
#include "services/chaoxun/progress.h"
#include "services/chaoxun/query.h"

#define PATIENCE_US INT64_C(60000000) /* a notifier that is started again may have much to fold */
#define PAUSE_MS 250
#define PAGE 1000

static const struct wire_notice_entry *notice_of(const struct wire_notice_status *status) {
    static const struct wire_notice_entry none = {0};
    return status->notice.count == 1 ? status->notice.items : &none;
}

static const char *state_word(int32_t state, enum error_language language) {
    return language == LANGUAGE_ZH ? word_chinese(KIND_DELIVERY, state) : word_wire(KIND_DELIVERY, state);
}

/* ---- asking ---- */

static int ask(const struct session *session, const struct wire_notice_query *query, struct arena *arena,
               struct wire_notice_status *status, struct error *error) {
    return session_ask_shape(session, EDGE_OUTBOX, "notice", SESSION_CALL_MS, SHAPE_notice_query, query,
                             SHAPE_notice_status, arena, status, error);
}

static struct wire_notice_query query_of(const struct id *id, const char *at_least, int64_t limit) {
    struct wire_notice_query query = {.id = *id, .side = true, .limit = limit};
    wire_set(&query.present, FIELD_notice_query_id);
    wire_set(&query.present, FIELD_notice_query_side);
    wire_set(&query.present, FIELD_notice_query_limit);
    query_text(at_least, &query.at_least, &query.present, FIELD_notice_query_at_least);
    return query;
}

int delivery_ask_head(const struct session *session, const struct id *id, const char *at_least, struct arena *arena,
                      struct wire_notice_status *status, struct error *error) {
    struct wire_notice_query query = query_of(id, at_least, 1);
    arena_reset(arena);
    return ask(session, &query, arena, status, error);
}

/* Appends `more` to `list`, which has room for `*room`; false without memory. */
static bool append(struct list *list, uint32_t *room, const struct list *more, size_t size, struct arena *arena) {
    uint32_t count = list->count + more->count;
    if (more->count == 0) {
        return true;
    }
    if (count > *room) {
        *room = 2 * count;
        char *items = arena_alloc(arena, *room * size);
        if (!items) {
            return false;
        }
        if (list->count > 0) {
            memcpy(items, list->items, list->count * size);
        }
        list->items = items;
    }
    memcpy((char *)list->items + list->count * size, more->items, more->count * size);
    list->count = count;
    return true;
}

int delivery_ask(const struct session *session, const struct id *id, const char *at_least, struct arena *arena,
                 struct wire_notice_status *status, struct error *error) {
    struct wire_notice_query query = query_of(id, at_least, PAGE);
    struct wire_notice_status page;
    char cursor[QUERY_CURSOR_SIZE];
    arena_reset(arena);
    int result = ask(session, &query, arena, status, error);
    uint32_t row_room = status->rows.count;
    uint32_t reading_room = status->readings.count;
    page = *status;
    while (result == 0 &&
           query_turn_page(page.cursor, cursor, &query.cursor, &query.present, FIELD_notice_query_cursor)) {
        result = ask(session, &query, arena, &page, error);
        bool kept =
            result != 0 ||
            (append(&status->rows, &row_room, &page.rows, sizeof(struct wire_delivery_row), arena) &&
             append(&status->readings, &reading_room, &page.readings, sizeof(struct wire_notice_reading), arena));
        result = kept ? result : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    status->present &= ~(UINT64_C(1) << FIELD_notice_status_cursor);
    status->present |= (uint64_t)(status->readings.count > 0) << FIELD_notice_status_readings;
    return result;
}

/* ---- sums ---- */

static int64_t sum_of_state(const struct list *counts, int state) {
    const struct wire_state_count *items = counts->items;
    int64_t sum = 0;
    for (uint32_t i = 0; i < counts->count; i++) {
        sum += items[i].state == state ? items[i].count : 0;
    }
    return sum;
}

void delivery_sums(const struct list *counts, enum error_language language, char out[DELIVERY_SUMS_SIZE]) {
    size_t used = 0;
    out[0] = '\0';
    for (int state = 0; state < word_count(KIND_DELIVERY) && used < DELIVERY_SUMS_SIZE; state++) {
        int64_t sum = sum_of_state(counts, state);
        if (sum > 0) {
            const char *comma = used > 0 ? language_pick(language, ", ", "，") : "";
            used += (size_t)snprintf(out + used, DELIVERY_SUMS_SIZE - used, "%s%s %lld", comma,
                                     state_word(state, language), (long long)sum);
        }
    }
}

int64_t delivery_done(const struct list *counts, int64_t *all, bool *reached) {
    int64_t under_way = sum_of_state(counts, DELIVERY_PENDING) + sum_of_state(counts, DELIVERY_HELD) +
                        sum_of_state(counts, DELIVERY_SENDING) + sum_of_state(counts, DELIVERY_ACCEPTED) +
                        sum_of_state(counts, DELIVERY_RETRY) + sum_of_state(counts, DELIVERY_UNKNOWN);
    int64_t well = sum_of_state(counts, DELIVERY_DELIVERED) + sum_of_state(counts, DELIVERY_ACCEPTED);
    *all = 0;
    for (int state = 0; state < word_count(KIND_DELIVERY); state++) {
        *all += sum_of_state(counts, state);
    }
    *reached = well == *all;
    return *all - under_way;
}

const char *delivery_standing(const struct wire_notice_entry *notice, enum error_language language) {
    int64_t all = 0;
    bool reached = false;
    if (notice->complete) {
        return language_pick(language, "complete", "已结束");
    }
    int64_t held = sum_of_state(&notice->counts, DELIVERY_HELD);
    return delivery_done(&notice->counts, &all, &reached) + held == all
               ? language_pick(language, "held", "暂缓")
               : language_pick(language, "under way", "进行中");
}

/* ---- the table ---- */

static void print_head(const struct session *session, const struct wire_notice_entry *notice, FILE *out) {
    char at[MOMENT_TEXT_SIZE];
    enum error_language language = session->language;
    const struct text *units = notice->units.items;
    struct text title = notice->removed ? text_of(language_pick(language, "(removed)", "（已删除）")) : notice->title;
    moment_format(notice->received_at, session_utc_offset(session), at);
    fprintf(out, "%.*s  %s  %.*s%s\n", (int)title.length, title.data, at, (int)notice->source.length,
            notice->source.data, notice->urgent ? language_pick(language, "  urgent", "  紧急") : "");
    fprintf(out, "%s", language_pick(language, "to", "发给"));
    for (uint32_t i = 0; i < notice->units.count; i++) {
        fprintf(out, "%s %.*s", i > 0 ? "," : "", (int)units[i].length, units[i].data);
    }
    fprintf(out, "\n");
    if (wire_has(notice->present, FIELD_notice_entry_confirm_by)) {
        moment_format(notice->confirm_by, session_utc_offset(session), at);
        fprintf(out, "%s %s\n", language_pick(language, "to be confirmed by", "请于此前确认："), at);
    }
    if (wire_has(notice->present, FIELD_notice_entry_recalled_at)) {
        moment_format(notice->recalled_at, session_utc_offset(session), at);
        fprintf(out,
                language_pick(language, "recalled %s: what was not sent is cancelled, what was sent stays sent\n",
                              "已于 %s 撤回：未发出的不再发送，已发出的请另行告知\n"),
                at);
    }
}

static void add_columns(struct grid *grid, enum error_language language) {
    grid_column(grid, language_pick(language, "recipient", "收件人"), GRID_LEFT);
    grid_column(grid, language_pick(language, "unit", "单位"), GRID_LEFT);
    grid_column(grid, language_pick(language, "channel", "方式"), GRID_LEFT);
    grid_column(grid, language_pick(language, "address", "号码或邮箱"), GRID_LEFT);
    grid_column(grid, language_pick(language, "state", "状态"), GRID_LEFT);
    grid_column(grid, language_pick(language, "since", "时间"), GRID_LEFT);
    grid_column(grid, language_pick(language, "attempts", "次数"), GRID_LEFT);
    grid_column(grid, language_pick(language, "next attempt", "下次"), GRID_LEFT);
    grid_column(grid, language_pick(language, "provider's words", "网关答复"), GRID_LEFT);
}

static void add_row(struct grid *grid, const struct session *session, const struct wire_delivery_row *row) {
    enum error_language language = session->language;
    char at[MOMENT_TEXT_SIZE];
    if (row->name.length > 0) {
        grid_cellf(grid, "%.*s (%.*s)", (int)row->name.length, row->name.data, (int)row->person.length,
                   row->person.data);
    } else {
        grid_cell(grid, row->person);
    }
    grid_cell(grid, row->unit_name.length > 0 ? row->unit_name : row->unit);
    grid_cell(grid, text_of(language == LANGUAGE_ZH ? word_chinese(KIND_CHANNEL, row->channel)
                                                    : word_wire(KIND_CHANNEL, row->channel)));
    grid_cell(grid, row->address);
    grid_cell(grid, text_of(state_word(row->state, language)));
    moment_format(row->since, session_utc_offset(session), at);
    grid_cell(grid, text_of(at));
    if (row->repeats > 0) {
        grid_cellf(grid, language_pick(language, "%lld, maybe twice", "%lld，可能重复"), (long long)row->attempts);
    } else {
        grid_cellf(grid, "%lld", (long long)row->attempts);
    }
    moment_format(row->next_at, session_utc_offset(session), at);
    grid_cell(grid, text_of(row->next_at != 0 ? at : ""));
    grid_cell(grid, row->words);
}

/* ---- who has read it ---- */

static void add_time(struct grid *grid, const struct session *session, int64_t time) {
    char at[MOMENT_TEXT_SIZE];
    moment_format(time, session_utc_offset(session), at);
    grid_cell(grid, text_of(time != 0 ? at : "-"));
}

static void add_recipient(struct grid *grid, const struct session *session, const struct wire_delivery_row *row) {
    grid_cell(grid, row->name.length > 0 ? row->name : row->person);
    grid_cell(grid, row->unit_name.length > 0 ? row->unit_name : row->unit);
    add_time(grid, session, row->read_at);
    add_time(grid, session, row->confirmed_at);
    add_time(grid, session, row->answered_at);
}

static void print_answers(const struct session *session, const struct list *readings, FILE *out) {
    const struct wire_notice_reading *items = readings->items;
    for (uint32_t i = 0; i < readings->count; i++) {
        const struct wire_notice_reading *reading = &items[i];
        struct text unit = reading->unit_name.length > 0 ? reading->unit_name : reading->unit;
        struct text who = reading->person.length > 0 ? reading->person : reading->source;
        if (reading->answer.length > 0) {
            fprintf(out, language_pick(session->language, "answer of %.*s (%.*s): %.*s\n", "%.*s（%.*s）回复：%.*s\n"),
                    (int)unit.length, unit.data, (int)who.length, who.data, (int)reading->answer.length,
                    reading->answer.data);
        }
    }
}

/* A row per recipient, once somebody has read it or when it is to be confirmed. False when memory ran out. */
static bool print_readers(const struct session *session, const struct wire_notice_status *status, FILE *out) {
    const struct wire_delivery_row *rows = status->rows.items;
    enum error_language language = session->language;
    if (status->readings.count == 0 && !wire_has(notice_of(status)->present, FIELD_notice_entry_confirm_by)) {
        return true;
    }
    struct grid *grid = grid_create();
    if (!grid) {
        return false;
    }
    grid_column(grid, language_pick(language, "recipient", "收件人"), GRID_LEFT);
    grid_column(grid, language_pick(language, "unit", "单位"), GRID_LEFT);
    grid_column(grid, language_pick(language, "read", "已读"), GRID_LEFT);
    grid_column(grid, language_pick(language, "confirmed", "已确认"), GRID_LEFT);
    grid_column(grid, language_pick(language, "answered", "已回复"), GRID_LEFT);
    for (uint32_t i = 0; i < status->rows.count; i++) {
        if (i == 0 || !text_equal(rows[i].person, rows[i - 1].person)) {
            add_recipient(grid, session, &rows[i]);
        }
    }
    bool whole = grid_print(grid, out);
    grid_destroy(&grid);
    print_answers(session, &status->readings, out);
    return whole;
}

void delivery_print_sums(const struct session *session, const struct wire_notice_status *status, FILE *out) {
    const struct wire_notice_entry *notice = notice_of(status);
    enum error_language language = session->language;
    char sums[DELIVERY_SUMS_SIZE];
    int64_t all = 0;
    bool reached = false;
    delivery_done(&notice->counts, &all, &reached);
    delivery_sums(&notice->counts, language, sums);
    fprintf(out, language_pick(language, "%lld messages%s%s; %s\n", "共 %lld 条消息%s%s；%s\n"), (long long)all,
            *sums != '\0' ? language_pick(language, ": ", "：") : "", sums,
            notice->complete ? language_pick(language, "complete", "已全部结束")
                             : language_pick(language, "under way", "仍在进行"));
}

bool delivery_print(const struct session *session, const struct wire_notice_status *status, FILE *out) {
    struct grid *grid = grid_create();
    if (!grid) {
        return false;
    }
    const struct wire_delivery_row *rows = status->rows.items;
    print_head(session, notice_of(status), out);
    add_columns(grid, session->language);
    for (uint32_t i = 0; i < status->rows.count; i++) {
        add_row(grid, session, &rows[i]);
    }
    bool whole = grid_print(grid, out);
    grid_destroy(&grid);
    whole = print_readers(session, status, out) && whole;
    delivery_print_sums(session, status, out);
    if (status->parts > 0) {
        fprintf(out, language_pick(session->language, "SMS per recipient: %lld\n", "每人短信条数：%lld\n"),
                (long long)status->parts);
    }
    return whole;
}

/* ---- waiting ---- */

/* What has not come to its end waits for a person: nothing more happens by itself. Messages that resending would send are
 * those, and what could not be delivered. */
static bool stands_still(const struct wire_notice_status *status) {
    const struct list *counts = &notice_of(status)->counts;
    int64_t all = 0;
    bool reached = false;
    int64_t done = delivery_done(counts, &all, &reached);
    int64_t failed = sum_of_state(counts, DELIVERY_DEAD) + sum_of_state(counts, DELIVERY_UNDELIVERED) +
                     sum_of_state(counts, DELIVERY_EXPIRED);
    return all - done == status->again - failed;
}

static bool is_passing(int result) {
    return result == -(int)ERR_UNAVAILABLE || result == -(int)ERR_BEHIND || result == -(int)ERR_BUSY ||
           result == -(int)ERR_TIMED_OUT;
}

static int refuse_slow(struct error *error, int64_t timeout_s) {
    error->code = ERR_TIMED_OUT;
    snprintf(error->text, sizeof error->text,
             "not complete within %lld s; it goes on: chaoxun notice status follows it", (long long)timeout_s);
    snprintf(error->text_zh, sizeof error->text_zh,
             "%lld 秒内没有全部结束；发送仍在继续，可用 chaoxun notice status 查看", (long long)timeout_s);
    return -(int)ERR_TIMED_OUT;
}

int delivery_follow(const struct session *session, const struct id *id, const char *at_least, int64_t timeout_s,
                    bool rows, struct arena *arena, void (*each)(void *data, const struct wire_notice_status *status),
                    void *data, struct wire_notice_status *status, struct error *error) {
    int64_t heard_us = clock_monotonic_us();
    int64_t until_us = timeout_s > 0 ? heard_us + timeout_s * 1000000 : INT64_MAX;
    for (;;) {
        int result = rows ? delivery_ask(session, id, at_least, arena, status, error)
                          : delivery_ask_head(session, id, at_least, arena, status, error);
        int64_t now_us = clock_monotonic_us();
        if (result == 0) {
            heard_us = now_us;
            each(data, status);
        }
        bool over = result == 0 ? notice_of(status)->complete || stands_still(status)
                                : !is_passing(result) || now_us - heard_us > PATIENCE_US;
        if (over) {
            return result;
        }
        if (now_us > until_us) {
            return refuse_slow(error, timeout_s);
        }
        nanosleep(&(struct timespec){.tv_nsec = PAUSE_MS * 1000000L}, NULL);
    }
}

static void show_progress(void *data, const struct wire_notice_status *status) {
    struct progress *progress = data;
    int64_t all = 0;
    bool reached = false;
    int64_t done = delivery_done(&notice_of(status)->counts, &all, &reached);
    progress->total = (uint64_t)all;
    progress_show(progress, (uint64_t)done);
}

int delivery_wait(const struct session *session, const struct id *id, const char *at_least, int64_t timeout_s,
                  struct arena *arena, struct wire_notice_status *status, struct error *error) {
    struct progress progress;
    progress_start(&progress, language_pick(session->language, "messages", "消息"), 0);
    int result =
        delivery_follow(session, id, at_least, timeout_s, false, arena, show_progress, &progress, status, error);
    progress_end(&progress);
    return result != 0 ? result : delivery_ask(session, id, at_least, arena, status, error);
}
