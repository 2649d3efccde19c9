/* Replies by SMS. */
#include "services/notifier/replies.h"

#include <inttypes.h>
#include <stdio.h>

int replies_matter(struct store *store, const struct id *notice, struct id *matter, struct error *error) {
    struct incident incident;
    int found = incidents_of_alert(&store->incidents, notice, &incident, error);
    *matter = found == 1 ? incident.first : *notice;
    return found < 0 ? found : 0;
}

/* Whether an answer changes what the rule tells next. */
static bool wants_answer(struct store *store, const struct incident *incident) {
    const struct rule *rule = rulebook_find(&store->rulebook, text_of(incident->rule));
    return rule && rule->body->version == incident->version &&
           (rule->body->steps.count > 0 || rule->body->repeats > 0 || rule->body->deed_within > 0);
}

static int give_of_alert(struct store *store, const struct outbox_row *row, struct error *error) {
    struct incident incident;
    int result = rulebook_read(&store->rulebook, error);
    int found = result < 0 ? result : incidents_of_alert(&store->incidents, &row->notice, &incident, error);
    return found == 1 && wants_answer(store, &incident)
               ? codes_give(&store->codes, row, &incident.first, row->issued_at + CODES_ALERT_MS, error)
               : found;
}

int replies_give(struct store *store, const struct outbox_row *row, int64_t confirm_by, struct error *error) {
    if (row->channel != CHANNEL_SMS || row->course.removed) {
        return 0;
    }
    int result = confirm_by > 0 ? codes_give(&store->codes, row, &row->notice, confirm_by, error)
                                : give_of_alert(store, row, error);
    return result < 0 ? result : 0;
}

/* As reached.h counts it: whoever is no recipient speaks for those of the unit. */
static int answered_for_unit(struct store *store, const struct id *id, const struct event *event, struct text person,
                             struct error *error) {
    struct notice_row notice;
    int found = notices_find(&store->notices, id, &notice, error);
    if (found < 1) {
        return found;
    }
    const struct reached_by by = {.seq = notice.seq, .id = id};
    int recipient = person.length > 0 ? reached_is_recipient(&store->reached, &by, person, error) : 0;
    return recipient != 0 ? (recipient < 0 ? recipient : 0)
                          : codes_answer_elsewhere(&store->codes, id, event->unit, error);
}

int replies_answered(struct store *store, const struct id *notice, const struct event *event, struct error *error) {
    struct text person = event->by;
    struct id matter;
    if (event->type == EVENT_REPORT_SUBMITTED) {
        person = (struct text){0}; /* it speaks for its unit */
    }
    int result = replies_matter(store, notice, &matter, error);
    if (result == 0 && person.length > 0) {
        result = codes_answer(&store->codes, &matter, person, error);
    }
    /* Of an alert, deeds.c closes those of all. */
    return result < 0 || !id_equal(&matter, notice) ? result : answered_for_unit(store, notice, event, person, error);
}

int replies_wanted(struct store *store, const struct notice_row *notice, struct error *error) {
    struct id matter;
    if (notice->rule.length == 0) {
        return notice->confirm_by > 0;
    }
    int result = replies_matter(store, &notice->id, &matter, error);
    return result < 0 ? result : codes_any(&store->codes, &matter, error);
}

int replies_words(struct store *store, const struct outbox_row *row, char out[REPLIES_WORDS_SIZE],
                  struct error *error) {
    struct id matter;
    struct code code;
    out[0] = '\0';
    int result = row->channel == CHANNEL_SMS ? replies_matter(store, &row->notice, &matter, error) : 0;
    if (result < 0 || row->channel != CHANNEL_SMS) {
        return result;
    }
    int found = codes_get(&store->codes, row->person, &matter, &code, error);
    if (found == 1) {
        snprintf(out, REPLIES_WORDS_SIZE, "回复 %04" PRId64 " 确认", code.number);
    }
    return found < 0 ? found : 0;
}
