/* Who has answered already what a code stands for: said by unit and post, never by name or number. */
#include "proto/code_set.h"
#include "services/notifier/incoming/incoming.h"

#define ALERTS_MAX 64 /* of an incident; no rule has more than 33 */

/* What was told under the code: the alerts of its matter, or the notice itself. How many, or < 0. */
static int notices_of(struct store *store, const struct code *code, struct id notices[ALERTS_MAX],
                      struct error *error) {
    int count = incidents_alerts(&store->incidents, &code->matter, notices, ALERTS_MAX, error);
    if (count == 0) {
        notices[0] = code->notice;
    }
    return count == 0 ? 1 : count;
}

/* The last one who did: 1, or 0 when the file tells of none (whoever began to do it said nothing). */
static int find_answerer(struct store *store, const struct code *code, struct reached_answerer *who,
                         struct error *error) {
    struct id notices[ALERTS_MAX];
    int count = notices_of(store, code, notices, error);
    struct incident incident;
    int known = count < 0 ? count : incidents_get(&store->incidents, &code->matter, &incident, error);
    struct text unit = text_of(known == 1 ? "" : code->unit); /* of an alert, anybody's answer is one */
    int found = 0;
    for (int i = 0; i < count && known >= 0; i++) {
        struct notice_row notice;
        struct reached_answerer one;
        known = notices_find(&store->notices, &notices[i], &notice, error);
        const struct reached_by by = {.seq = known == 1 ? notice.seq : 0, .id = &notices[i]};
        known = known < 1 ? known : reached_answered_by(&store->reached, &by, unit, &one, error);
        if (known == 1 && (found == 0 || one.at > who->at)) {
            *who = one;
            found = 1;
        }
    }
    return known < 0 ? known : found;
}

static int take_post(void *data, const struct contact_row *contact) {
    const char **word = data;
    const char *chinese = code_chinese(CODES_post, contact->post);
    *word = chinese ? chinese : "";
    return 0;
}

int incoming_put_answerer(struct notifier *notifier, const struct code *code, struct buffer *out, struct error *error) {
    struct store *store = &notifier->store;
    struct reached_answerer who = {0};
    char name[UNIT_NAME_BYTES + 1] = "";
    const char *post = "";
    int found = find_answerer(store, code, &who, error);
    int named = found == 1 ? units_name(&store->units, text_of(who.unit), name, error) : found;
    int walked = named < 0 || who.person[0] == '\0'
                     ? named
                     : contacts_find(&store->contacts, text_of(who.unit), text_of(who.person), take_post, &post, error);
    if (found == 1 && named == 1) {
        buffer_append_string(out, name);
        buffer_append_string(out, strcmp(who.source, "report") == 0 ? "的上报" : post);
        buffer_append_string(out, "已经答复");
    } else {
        buffer_append_string(out, "已经有人答复");
    }
    return walked < 0 ? walked : 0;
}
