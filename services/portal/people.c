/* GET /api/v1/hours, /api/v1/hours/entries, /api/v1/hours/overlaps, /api/v1/volunteers and /api/v1/volunteers/{id}: figures for everybody, people for
 * squads (their own) and the office. */
#include "common/people/volunteer.h"
#include "proto/json.h"
#include "services/portal/exchange.h"
#include "services/portal/parameters.h"
#include "services/portal/problem.h"
#include "services/portal/record_query.h"
#include "services/portal/relay.h"

static const char *const no_more[] = {NULL};

/* Guiding bodies read figures, never personal data. */
static int check_right(const struct exchange *exchange, struct error *error) {
    enum role role = exchange->principal.role;
    if (reader_sees_side(role)) {
        return 0;
    }
    return error_set(error, ERR_NO_RIGHT,
                     (struct error_words){.value = word_chinese(KIND_ROLE, (int)role),
                                          .limit = "中队或办公室的账号，才能查看志愿者个人信息"});
}

/* The day of the field; false when it was not given, or the question has no such field. */
static bool read_day(const struct shape *shape, const void *query, const char *name, int32_t *day) {
    int index = shape_find(shape, text_of(name), 0);
    uint64_t present;
    memcpy(&present, query, sizeof present);
    if (index < 0 || !wire_has(present, (unsigned)index)) {
        return false;
    }
    memcpy(day, (const char *)query + shape->fields[index].offset, sizeof *day);
    return true;
}

/* Parameters, of which the days are not the wrong way round. */
static int read_query(const struct exchange *exchange, const struct shape *shape, void *query, struct error *error) {
    int32_t from;
    int32_t to;
    int result = parameters_read(&exchange->target, shape, no_more, query, error);
    bool both = result == 0 && read_day(shape, query, "from", &from) && read_day(shape, query, "to", &to);
    if (both && from > to) {
        return problem_error(error, ERR_BAD_QUERY, "to", "on or after from", target_value(&exchange->target, "to"));
    }
    return result;
}

/* What one's own unit may know: nothing of others is told. */
static void set_within(const struct exchange *exchange, const struct shape *shape, void *query) {
    int index = shape_find(shape, text_of("within"), 0);
    struct text unit = text_of(exchange->principal.unit);
    uint64_t present;
    memcpy((char *)query + shape->fields[index].offset, &unit, sizeof unit);
    memcpy(&present, query, sizeof present);
    wire_set(&present, (unsigned)index);
    memcpy(query, &present, sizeof present);
}

static int read_within(const struct exchange *exchange, const struct shape *shape, void *query, struct error *error) {
    int result = check_right(exchange, error);
    result = result < 0 ? result : read_query(exchange, shape, query, error);
    if (result == 0) {
        set_within(exchange, shape, query);
    }
    return result;
}

/* ---- hours ---- */

void route_hours(struct exchange *exchange) {
    const struct relay relay = {exchange->portal->totals, "hours", SHAPE_hours_query, SHAPE_hours_table};
    relay_ask_read(exchange, &relay, read_query);
}

void route_hours_list(struct exchange *exchange) {
    const struct relay relay = {exchange->portal->totals, "hours-list", SHAPE_hours_list_query, SHAPE_hours_list};
    relay_ask_read(exchange, &relay, read_within);
}

void route_overlaps(struct exchange *exchange) {
    const struct relay relay = {exchange->portal->totals, "overlaps", SHAPE_overlaps_query, SHAPE_overlaps_answer};
    relay_ask_read(exchange, &relay, read_within);
}

/* ---- volunteers ---- */

void route_volunteers(struct exchange *exchange) {
    const struct relay relay = {exchange->portal->record, "volunteers", SHAPE_volunteers_query,
                                SHAPE_volunteers_answer};
    relay_ask_read(exchange, &relay, read_within);
}

/* One volunteer, asked for in three steps: figures, then the name, then the texts. */
struct viewing {
    struct exchange *exchange;
    struct wire_volunteer_answer answer;
    struct wire_volunteers_answer person;
    struct wire_remarks_answer remarks;
};

/* The answer's views must outlive the callback: they are of a copy. False when the exchange was answered. */
static bool take_copy(struct exchange *exchange, const struct call_result *result, enum shape_index shape,
                      void *answer) {
    struct call_result copy = *result;
    if (result->error.code == ERR_OK && result->payload.length > 0) {
        copy.payload.data = arena_copy(exchange->arena, result->payload.data, result->payload.length);
    }
    if (copy.payload.length > 0 && !copy.payload.data) {
        struct error error;
        error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
        exchange_fail(exchange, &error);
        return false;
    }
    return relay_take(exchange, &copy, shape, answer);
}

static void remarks_came(const struct call_result *result, void *data) {
    struct viewing *viewing = data;
    if (take_copy(viewing->exchange, result, SHAPE_remarks_answer, &viewing->remarks)) {
        volunteer_take_remarks(&viewing->answer, &viewing->remarks);
        exchange_answer_json(viewing->exchange, 200,
                             json_from_shape(shape_of(SHAPE_volunteer_answer), &viewing->answer));
    }
}

static void person_came(const struct call_result *result, void *data) {
    struct viewing *viewing = data;
    struct exchange *exchange = viewing->exchange;
    struct wire_remarks_query query;
    if (!take_copy(exchange, result, SHAPE_volunteers_answer, &viewing->person)) {
        return;
    }
    volunteer_take_person(&viewing->answer, &viewing->person);
    if (!volunteer_remarks(&viewing->answer, exchange->arena, &query)) {
        struct error error;
        error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
        exchange_fail(exchange, &error);
        return;
    }
    relay_send(exchange, exchange->portal->record, "remarks", SHAPE_remarks_query, &query, remarks_came, viewing);
}

/* The record is asked as far as the figures stand. */
static void figures_came(const struct call_result *result, void *data) {
    struct viewing *viewing = data;
    struct exchange *exchange = viewing->exchange;
    if (!take_copy(exchange, result, SHAPE_volunteer_answer, &viewing->answer)) {
        return;
    }
    struct wire_volunteers_query query = {.ids = {&viewing->answer.id, 1}, .at_least = viewing->answer.as_of};
    wire_set(&query.present, FIELD_volunteers_query_ids);
    wire_set(&query.present, FIELD_volunteers_query_at_least);
    relay_send(exchange, exchange->portal->record, "volunteers", SHAPE_volunteers_query, &query, person_came, viewing);
}

static int read_volunteer_query(const struct exchange *exchange, struct wire_volunteer_query *query,
                                struct error *error) {
    int result = check_right(exchange, error);
    if (result == 0) {
        result = parameters_read(&exchange->target, shape_of(SHAPE_volunteer_query), no_more, query, error);
    }
    if (result < 0) {
        return result;
    }
    if (!id_parse(exchange->segment, &query->id)) {
        return problem_error(error, ERR_NOT_FOUND, "", "", exchange->target.path);
    }
    query->within = text_of(exchange->principal.unit);
    wire_set(&query->present, FIELD_volunteer_query_id);
    wire_set(&query->present, FIELD_volunteer_query_within);
    return 0;
}

void route_volunteer(struct exchange *exchange) {
    struct wire_volunteer_query query = {0};
    struct error error;
    struct viewing *viewing = arena_alloc(exchange->arena, sizeof *viewing);
    if (!viewing) {
        error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
        exchange_fail(exchange, &error);
        return;
    }
    if (read_volunteer_query(exchange, &query, &error) < 0) {
        exchange_fail(exchange, &error);
        return;
    }
    viewing->exchange = exchange;
    relay_send(exchange, exchange->portal->totals, "volunteer", SHAPE_volunteer_query, &query, figures_came, viewing);
}
