/* Hours one by one from the aggregator, with the names of their volunteers: what lists for platforms are made of. */
#pragma once

#include "services/chaoxun/session.h"

struct credit_row {
    struct id hours;
    struct id volunteer;
    struct id activity;
    int32_t date;
    int32_t minutes;
    int grade;
    uint32_t person; /* in `people` */
    char unit[EVENT_UNIT_MAX + 1];
};

struct credit_person {
    struct id id;
    struct text number; /* empty after an erasure */
    struct text name;
    struct text platform;
};

struct credit_list {
    struct credit_row *rows;
    uint32_t count;
    uint32_t capacity;
    struct credit_person *people;
    uint32_t person_count;
    uint32_t person_capacity;
    struct arena *kept; /* owns the texts */
};

/* What our squads recorded, not what another platform granted. */
static inline bool credit_is_ours(int grade) {
    return grade == GRADE_SIGNED || grade == GRADE_LEADER || grade == GRADE_ENTERED;
}

/* All hours that fit the query (its pages are this function's), as they stand. Blocks. */
int credit_list_read(struct credit_list *list, const struct session *session, struct wire_credits_query *query,
                     struct error *error);
void credit_list_free(struct credit_list *list);

/* The query of the options unit, from, to, at-least. */
int credit_list_options(const struct options *options, struct wire_credits_query *query, struct error *error);
