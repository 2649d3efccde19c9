/* Reading hours page by page. */
#include "services/chaoxun/people/credit_list.h"

#include <stdlib.h>

#include "services/chaoxun/people/roster.h"
#include "services/chaoxun/query.h"

#define PEOPLE_AT_ONCE 500
#define KEPT_BYTES ((size_t)256 << 20)

static int no_memory(struct error *error) {
    return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

/* Room for one more of `size` bytes, doubling; false without memory, and then everything is as it was. */
static bool grow(void **items, uint32_t *capacity, uint32_t count, size_t size) {
    if (count < *capacity) {
        return true;
    }
    uint32_t more = *capacity == 0 ? 256 : *capacity * 2;
    void *grown = realloc(*items, more * size);
    if (grown) {
        *items = grown;
        *capacity = more;
    }
    return grown != NULL;
}

/* The person's place, added when new; UINT32_MAX without memory. Those of one page lie near the end. */
static uint32_t person_at(struct credit_list *list, const struct id *id) {
    for (uint32_t i = list->person_count; i > 0; i--) {
        if (id_equal(&list->people[i - 1].id, id)) {
            return i - 1;
        }
    }
    void *people = list->people;
    bool grown = grow(&people, &list->person_capacity, list->person_count, sizeof *list->people);
    list->people = people;
    if (!grown) {
        return UINT32_MAX;
    }
    list->people[list->person_count] = (struct credit_person){.id = *id};
    return list->person_count++;
}

static int add_row(struct credit_list *list, const struct wire_credit_entry *entry, struct error *error) {
    void *rows = list->rows;
    bool grown = grow(&rows, &list->capacity, list->count, sizeof *list->rows);
    uint32_t person = person_at(list, &entry->volunteer);
    list->rows = rows;
    if (!grown || person == UINT32_MAX) {
        return no_memory(error);
    }
    struct credit_row *row = &list->rows[list->count++];
    *row = (struct credit_row){.hours = entry->hours,
                               .volunteer = entry->volunteer,
                               .activity = entry->activity,
                               .date = entry->date,
                               .minutes = (int32_t)entry->minutes,
                               .grade = entry->grade,
                               .person = person};
    memcpy(row->unit, entry->unit.data, entry->unit.length < EVENT_UNIT_MAX ? entry->unit.length : EVENT_UNIT_MAX);
    return 0;
}

static int read_rows(struct credit_list *list, const struct session *session, struct wire_credits_query *query,
                     struct arena *arena, struct error *error) {
    struct wire_credits_answer answer;
    int result = 0;
    bool more = true;
    while (more && result == 0) {
        arena_reset(arena);
        result = session_ask_shape(session, EDGE_TOTALS, "credits", ROSTER_ANSWER_MS, SHAPE_credits_query, query,
                                   SHAPE_credits_answer, arena, &answer, error);
        const struct wire_credit_entry *rows = answer.rows.items;
        for (uint32_t i = 0; result == 0 && i < answer.rows.count; i++) {
            result = add_row(list, &rows[i], error);
        }
        more = result == 0 && wire_has(answer.present, FIELD_credits_answer_next);
        query->after = answer.next;
        wire_set(&query->present, FIELD_credits_query_after);
    }
    return result;
}

/* ---- names ---- */

static struct text keep(struct credit_list *list, struct text text) {
    const char *copy = text.length > 0 ? arena_copy(list->kept, text.data, text.length) : NULL;
    return (struct text){copy, copy ? text.length : 0};
}

static int take_person(struct credit_list *list, const struct wire_volunteer_entry *entry, struct error *error) {
    uint32_t at = person_at(list, &entry->id);
    if (at == UINT32_MAX) {
        return no_memory(error);
    }
    list->people[at].number = keep(list, entry->number);
    list->people[at].name = keep(list, entry->name);
    list->people[at].platform = keep(list, entry->platform);
    return 0;
}

static int read_people(struct credit_list *list, const struct session *session, struct arena *arena,
                       struct error *error) {
    int result = 0;
    for (uint32_t first = 0; first < list->person_count && result == 0; first += PEOPLE_AT_ONCE) {
        struct id ids[PEOPLE_AT_ONCE];
        struct wire_volunteers_answer answer;
        struct wire_volunteers_query query = {.ids = {ids, 0}};
        for (uint32_t i = first; i < list->person_count && query.ids.count < PEOPLE_AT_ONCE; i++) {
            ids[query.ids.count++] = list->people[i].id;
        }
        wire_set(&query.present, FIELD_volunteers_query_ids);
        arena_reset(arena);
        result = roster_ask(session, &query, arena, &answer, error);
        const struct wire_volunteer_entry *rows = answer.rows.items;
        for (uint32_t i = 0; result == 0 && i < answer.rows.count; i++) {
            result = take_person(list, &rows[i], error);
        }
    }
    return result;
}

int credit_list_read(struct credit_list *list, const struct session *session, struct wire_credits_query *query,
                     struct error *error) {
    struct arena *arena = arena_create(ROSTER_ARENA_BYTES);
    *list = (struct credit_list){.kept = arena_create(KEPT_BYTES)};
    int result = arena && list->kept ? read_rows(list, session, query, arena, error) : no_memory(error);
    if (result == 0) {
        result = read_people(list, session, arena, error);
    }
    arena_destroy(&arena);
    return result;
}

void credit_list_free(struct credit_list *list) {
    free(list->rows);
    free(list->people);
    arena_destroy(&list->kept);
    *list = (struct credit_list){0};
}

int credit_list_options(const struct options *options, struct wire_credits_query *query, struct error *error) {
    int result = query_day(options, "from", &query->from, &query->present, FIELD_credits_query_from, error);
    if (result == 0) {
        result = query_day(options, "to", &query->to, &query->present, FIELD_credits_query_to, error);
    }
    query_text(option_text(options, "unit"), &query->unit, &query->present, FIELD_credits_query_unit);
    query_text(option_text(options, "at-least"), &query->at_least, &query->present, FIELD_credits_query_at_least);
    return result;
}
