/* Answers about rules. */
#include <stdio.h>

#include "proto/code_set.h"
#include "services/notifier/answer.h"

/* How much of a rule is told. */
enum extent { EXTENT_FIGURES, EXTENT_DEFINITION, EXTENT_VERSIONS };

static int add_definition(struct notifier *notifier, const struct rule *rule, enum extent extent,
                          struct wire_rule_entry *entry, struct error *error) {
    struct wire_rule *definition = arena_alloc(notifier->question_arena, sizeof *definition);
    if (!definition) {
        return answer_no_memory(error);
    }
    *definition = *rule->body;
    entry->definition = (struct list){definition, 1};
    return extent < EXTENT_VERSIONS ? 0
                                    : history_read(&notifier->store.history, rule->body->rule, notifier->question_arena,
                                                   &entry->versions, error);
}

static int fill_entry(struct notifier *notifier, const struct rule *rule, enum extent extent,
                      struct wire_rule_entry *entry, struct error *error) {
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
    const bool absent[FIELD_COUNT_rule_entry] = {[FIELD_rule_entry_last_at] = entry->last_at == 0,
                                                 [FIELD_rule_entry_definition] = extent < EXTENT_DEFINITION,
                                                 [FIELD_rule_entry_versions] = extent < EXTENT_VERSIONS};
    for (unsigned i = 0; i < FIELD_COUNT_rule_entry; i++) {
        entry->present |= (uint64_t)!absent[i] << i;
    }
    return result < 0 || extent < EXTENT_DEFINITION ? result : add_definition(notifier, rule, extent, entry, error);
}

int answer_rules(struct notifier *notifier, const struct wire_rules_query *query, struct text within,
                 struct wire_rules_answer *answer, struct error *error) {
    struct rulebook *rulebook = &notifier->store.rulebook;
    bool one = wire_has(query->present, FIELD_rules_query_rule);
    enum extent extent = one ? EXTENT_VERSIONS : query->whole ? EXTENT_DEFINITION : EXTENT_FIGURES;
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
        result = fits ? fill_entry(notifier, rule, extent, &items[count++], error) : 0;
    }
    if (result == 0 && one && count == 0) {
        char value[80];
        snprintf(value, sizeof value, "rule %.*s", (int)query->rule.length, query->rule.data);
        return error_set(error, ERR_NOT_FOUND, (struct error_words){.value = value});
    }
    *answer = (struct wire_rules_answer){
        .present = (1U << FIELD_COUNT_rules_answer) - 1, .as_of = text_of(as_of), .rows = {items, count}};
    return result;
}
