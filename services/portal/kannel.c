/* Reading a delivery report of Kannel. */
#include "services/portal/kannel.h"

#include "services/portal/parameters.h"
#include "services/portal/problem.h"

static const struct field *field_of(unsigned index) {
    return &shape_of(SHAPE_delivery_report)->fields[index];
}

/* The first `most` characters of valid UTF-8. */
static struct text cut(struct text text, int64_t most) {
    int64_t characters = 0;
    for (uint32_t i = 0; i < text.length; i++) {
        bool begins = ((unsigned char)text.data[i] & 0xC0) != 0x80;
        if (begins && characters++ == most) {
            return (struct text){text.data, i};
        }
    }
    return text;
}

/* A text that must be there, within the field's length. */
static int read_text(const struct target *target, const char *name, unsigned field, struct text *text,
                     struct wire_delivery_report *report, struct error *error) {
    *text = target_value(target, name);
    if (text->length == 0 || text->length > field_of(field)->max) {
        return problem_error(error, ERR_BAD_QUERY, name, "what the notifier gave to the gateway", *text);
    }
    wire_set(&report->present, field);
    return 0;
}

static int read_code(const struct target *target, struct wire_delivery_report *report, struct error *error) {
    struct text text = target_value(target, "d");
    if (!parameter_number(text, &report->code) || report->code > field_of(FIELD_delivery_report_code)->max) {
        return problem_error(error, ERR_BAD_QUERY, "d", "a delivery code: 1, 2, 4, 8 or 16", text);
    }
    wire_set(&report->present, FIELD_delivery_report_code);
    return 0;
}

int kannel_report_read(const struct target *target, struct wire_delivery_report *report, struct error *error) {
    static const char *const known[] = {"ref", "mac", "d", "a", "ts", NULL};
    *report = (struct wire_delivery_report){0};
    int result = target_only(target, known, error);
    if (result < 0 || (result = read_text(target, "ref", FIELD_delivery_report_ref, &report->ref, report, error)) < 0 ||
        (result = read_text(target, "mac", FIELD_delivery_report_mac, &report->mac, report, error)) < 0 ||
        (result = read_code(target, report, error)) < 0) {
        return result;
    }
    report->words = cut(target_value(target, "a"), field_of(FIELD_delivery_report_words)->max);
    if (report->words.length > 0) {
        wire_set(&report->present, FIELD_delivery_report_words);
    }
    return 0;
}

static int read_part(const struct target *target, const char *name, unsigned field, struct text *text,
                     struct wire_incoming_sms *sms, struct error *error) {
    const struct field *row = &shape_of(SHAPE_incoming_sms)->fields[field];
    *text = cut(target_value(target, name), row->max);
    if (text->length == 0 && row->min > 0) {
        return problem_error(error, ERR_BAD_QUERY, name, "what Kannel fills in: see get-url", *text);
    }
    wire_set(&sms->present, field);
    return 0;
}

int kannel_sms_read(const struct target *target, struct wire_incoming_sms *sms, struct error *error) {
    static const char *const known[] = {"mac", "from", "id", "text", NULL};
    *sms = (struct wire_incoming_sms){0};
    int result = target_only(target, known, error);
    result = result < 0 ? result : read_part(target, "mac", FIELD_incoming_sms_mac, &sms->mac, sms, error);
    result = result < 0 ? result : read_part(target, "from", FIELD_incoming_sms_from, &sms->from, sms, error);
    result = result < 0 ? result : read_part(target, "id", FIELD_incoming_sms_message, &sms->message, sms, error);
    return result < 0 ? result : read_part(target, "text", FIELD_incoming_sms_text, &sms->text, sms, error);
}
