/* Answers about rules. */
#include <stdio.h>

#include "proto/code_set.h"
#include "services/notifier/answer.h"

static int add_definition(struct notifier *notifier, const struct rule *rule, struct wire_rule_entry *entry,
                          struct error *error) {
    struct wire_rule *definition = arena_alloc(notifier->question_arena, sizeof *definition);
    if (!definition) {
        return answer_no_memory(error);
    }
    *definition = *rule->body;
    entry->definition = (struct list){definition, 1};
    return 0;
}

static int fill_entry(struct notifier *notifier, const struct rule *rule, bool whole, struct wire_rule_entry *entry,
                      struct error *error) {
    *entry = (struct wire_rule_entry){.rule = rule->body->rule,
                                      .version = rule->body->version,
                                      .name = rule->body->name,
                                      .unit = rule->unit,
                                      .kind = rule->body->kind,
                                      .kind_name = text_of(code_chinese(CODES_rule_kind, rule->body->kind)),
                                      .off = !rule_is_on(rule),
                                      .since = rule->since};
    int result = incidents_sum(&notifier->store.incidents, rule->body->rule, &entry->raised, &entry->last_at,
                               &entry->open, error);
    const bool absent[FIELD_COUNT_rule_entry] = {
        [FIELD_rule_entry_last_at] = entry->last_at == 0, [FIELD_rule_entry_definition] = !whole};
    for (unsigned i = 0; i < FIELD_COUNT_rule_entry; i++) {
        entry->present |= (uint64_t)!absent[i] << i;
    }
    return result < 0 || !whole ? result : add_definition(notifier, rule, entry, error);
}

static int not_found(struct text rule, struct error *error) {
    char value[80];
    snprintf(value, sizeof value, "rule %.*s", (int)rule.length, rule.data);
    return error_set(error, ERR_NOT_FOUND, (struct error_words){.value = value});
}

/* In the answer, not in its row: deeper no frame may be. */
static int add_versions(struct notifier *notifier, struct text rule, struct wire_rules_answer *answer,
                        struct error *error) {
    wire_set(&answer->present, FIELD_rules_answer_versions);
    return history_read(&notifier->store.history, rule, notifier->question_arena, &answer->versions, error);
}

int answer_rules(struct notifier *notifier, const struct wire_rules_query *query, struct text within,
                 struct wire_rules_answer *answer, struct error *error) {
    struct rulebook *rulebook = &notifier->store.rulebook;
    bool one = wire_has(query->present, FIELD_rules_query_rule);
    int result = rulebook_read(rulebook, error);
    if (result < 0) {
        return result;
    }
    struct wire_rule_entry *items = arena_alloc(notifier->question_arena, (rulebook->count + 1) * sizeof *items);
    const char *as_of = answer_as_of(notifier);
    uint32_t count = 0;
    if (!items || !as_of) {
        return answer_no_memory(error);
    }
    for (uint32_t i = 0; i < rulebook->count && result == 0; i++) {
        const struct rule *rule = &rulebook->rules[i];
        bool fits = path_is_within(rule->unit, within) && (!one || text_equal(rule->body->rule, query->rule));
        result = fits ? fill_entry(notifier, rule, one || query->whole, &items[count++], error) : 0;
    }
    if (result < 0 || (one && count == 0)) {
        return result < 0 ? result : not_found(query->rule, error);
    }
    *answer = (struct wire_rules_answer){.as_of = text_of(as_of), .rows = {items, count}};
    wire_set(&answer->present, FIELD_rules_answer_as_of);
    wire_set(&answer->present, FIELD_rules_answer_rows);
    return one ? add_versions(notifier, query->rule, answer, error) : 0;
}
