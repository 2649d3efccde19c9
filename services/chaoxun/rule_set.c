/* chaoxun rule set: rules from a file become their next versions. */
#include <stdio.h>

#include "services/chaoxun/command.h"
#include "services/chaoxun/receipts.h"
#include "services/chaoxun/rules.h"

#define ARENA_BYTES (16 * 1024 * 1024)

/* Whether the rule that is set says the same already. */
static bool is_same(const struct wire_rule *rule, const struct wire_rule *before) {
    struct wire_rule next = *rule;
    struct buffer a = {0};
    struct buffer b = {0};
    next.version = before->version;
    codec_encode(shape_of(SHAPE_rule), &next, &a);
    codec_encode(shape_of(SHAPE_rule), before, &b);
    bool same = !a.failed && !b.failed && a.length == b.length && memcmp(a.data, b.data, a.length) == 0;
    buffer_free(&a);
    buffer_free(&b);
    return same;
}

static bool submit(const struct session *session, struct text unit, const struct wire_rule *rule) {
    union event_body body = {.rule = *rule};
    struct event event = event_now(EVENT_RULE_SET, unit, &body);
    event.has_side = true;
    printf("%.*s %lld: ", (int)rule->rule.length, rule->rule.data, (long long)rule->version);
    fflush(stdout);
    return receipt_submit(session, &event) == 0;
}

/* The version is the one behind the last, whatever the file says: a file is a rule as it is to be. */
static int set_one(const struct session *session, const json_t *json, struct arena *arena, bool *refused,
                   struct error *error) {
    struct wire_rule rule;
    struct wire_rule_entry entry;
    char name[80];
    const char *unit = json_string_value(json_object_get(json, "unit"));
    unit = unit ? unit : option_text(session->options, "unit");
    if (!unit) {
        return error_setf(error, ERR_USAGE, "--unit PATH is needed: whose rules they are");
    }
    int result = rules_parse(json, arena, &rule, error);
    if (result < 0) {
        return result;
    }
    snprintf(name, sizeof name, "%.*s", (int)rule.rule.length, rule.rule.data);
    int found = rules_find(session, name, NULL, arena, &entry, error);
    if (found < 0) {
        return found;
    }
    if (found == 1 && is_same(&rule, entry.definition.items)) {
        printf("%s %lld: %s\n", name, (long long)entry.version,
               language_pick(session->language, "says the same already", "没有变化"));
        return 0;
    }
    rule.version = found == 1 ? entry.version + 1 : 1;
    *refused = !submit(session, text_of(unit), &rule) || *refused;
    return 0;
}

static int set_all(const struct session *session, const json_t *json, bool *refused, struct error *error) {
    struct arena *arena = arena_create(ARENA_BYTES);
    size_t count = json_is_array(json) ? json_array_size(json) : 1;
    int result = arena ? 0 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    for (size_t i = 0; i < count && result == 0; i++) {
        arena_reset(arena);
        result = set_one(session, json_is_array(json) ? json_array_get(json, i) : json, arena, refused, error);
    }
    arena_destroy(&arena);
    return result;
}

static int run_set(const struct options *options) {
    struct session session = {0};
    struct error error;
    bool refused = false;
    json_t *json = rules_read(option_operand(options, 0), &error);
    int result = json ? session_open(&session, options, NULL, NULL, &error) : -(int)error.code;
    result = result < 0 ? result : set_all(&session, json, &refused, &error);
    json_decref(json);
    int status = result != 0 ? command_fail(options, &error) : refused;
    session_close(&session);
    return status;
}

static const struct option_row rows[] = {
    {.name = "unit", .kind = OPTION_TEXT, .word = "PATH", .prose = "whose rules they are, where the file does not say"},
    {.name = NULL},
};

const struct command command_rule_set = {
    .name = "rule set",
    .summary = "rules from a JSON file become their next versions",
    .usage = "FILE --unit PATH",
    .about =
        "FILE holds one rule or an array of them, as chaoxun rule show prints them; - is standard input. Versions are\n"
        "counted by the command; a rule that says the same already is left alone. \"off\": true switches one off.\n"
        "Example: chaoxun rule set scripts/data/rules/haining.json --unit haining\n",
    .options = rows,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_set,
};
