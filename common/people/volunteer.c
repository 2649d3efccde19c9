/* Names and texts come into a volunteer's view. */
#include "common/people/volunteer.h"

#define MARK(shape, field) (UINT64_C(1) << FIELD_##shape##_##field)

void volunteer_take_person(struct wire_volunteer_answer *answer, const struct wire_volunteers_answer *found) {
    if (found->rows.count == 0) {
        return;
    }
    const struct wire_volunteer_entry *person = found->rows.items;
    answer->number = person->number;
    answer->name = person->name;
    answer->phone = person->phone;
    answer->platform = person->platform;
    answer->present |= person->number.length > 0 ? MARK(volunteer_answer, number) : 0;
    answer->present |= person->name.length > 0 ? MARK(volunteer_answer, name) : 0;
    answer->present |= person->phone.length > 0 ? MARK(volunteer_answer, phone) : 0;
    answer->present |= person->platform.length > 0 ? MARK(volunteer_answer, platform) : 0;
}

/* ---- which texts ---- */

static void add_id(struct list *list, bool given, const struct id *id) {
    if (given && list->count < VOLUNTEER_REMARKS_MAX) {
        ((struct id *)list->items)[list->count++] = *id;
    }
}

static void add_corrections(const struct wire_volunteer_answer *answer, struct list *list) {
    const struct wire_hours_entry *hours = answer->hours.items;
    for (uint32_t i = 0; i < answer->hours.count; i++) {
        const struct wire_hours_version *versions = hours[i].versions.items;
        for (uint32_t j = 0; j < hours[i].versions.count; j++) {
            add_id(list, wire_has(versions[j].present, FIELD_hours_version_correction), &versions[j].correction);
        }
    }
}

bool volunteer_remarks(const struct wire_volunteer_answer *answer, struct arena *arena,
                       struct wire_remarks_query *query) {
    const struct wire_objection_entry *objections = answer->objections.items;
    *query = (struct wire_remarks_query){.present = MARK(remarks_query, ids)};
    query->ids.items = arena_alloc(arena, VOLUNTEER_REMARKS_MAX * sizeof(struct id));
    if (!query->ids.items) {
        return false;
    }
    for (uint32_t i = 0; i < answer->objections.count; i++) {
        add_id(&query->ids, true, &objections[i].id);
        add_id(&query->ids, wire_has(objections[i].present, FIELD_objection_entry_answer), &objections[i].answer);
    }
    add_corrections(answer, &query->ids);
    return true;
}

/* ---- taking them ---- */

static const struct wire_remark *find(const struct wire_remarks_answer *found, bool given, const struct id *id) {
    const struct wire_remark *rows = found->rows.items;
    for (uint32_t i = 0; given && i < found->rows.count; i++) {
        if (id_equal(&rows[i].id, id)) {
            return &rows[i];
        }
    }
    return NULL;
}

static void take_reasons(const struct wire_hours_entry *hours, const struct wire_remarks_answer *found) {
    struct wire_hours_version *versions = hours->versions.items;
    for (uint32_t i = 0; i < hours->versions.count; i++) {
        bool given = wire_has(versions[i].present, FIELD_hours_version_correction);
        const struct wire_remark *remark = find(found, given, &versions[i].correction);
        if (remark) {
            versions[i].by = remark->by;
            versions[i].reason = remark->text;
            versions[i].present |= remark->by.length > 0 ? MARK(hours_version, by) : 0;
            versions[i].present |= remark->text.length > 0 ? MARK(hours_version, reason) : 0;
        }
    }
}

static void take_texts(struct wire_objection_entry *objection, const struct wire_remarks_answer *found) {
    const struct wire_remark *text = find(found, true, &objection->id);
    bool answered = wire_has(objection->present, FIELD_objection_entry_answer);
    const struct wire_remark *answer = find(found, answered, &objection->answer);
    if (text && text->text.length > 0) {
        objection->text = text->text;
        objection->present |= MARK(objection_entry, text);
    }
    if (answer && answer->text.length > 0) {
        objection->answer_text = answer->text;
        objection->present |= MARK(objection_entry, answer_text);
    }
}

void volunteer_take_remarks(struct wire_volunteer_answer *answer, const struct wire_remarks_answer *found) {
    const struct wire_hours_entry *hours = answer->hours.items;
    struct wire_objection_entry *objections = answer->objections.items;
    for (uint32_t i = 0; i < answer->hours.count; i++) {
        take_reasons(&hours[i], found);
    }
    for (uint32_t i = 0; i < answer->objections.count; i++) {
        take_texts(&objections[i], found);
    }
}
