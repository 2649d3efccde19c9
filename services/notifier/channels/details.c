/* Reading what a provider knows of a message. */
#include "services/notifier/channels/details.h"

#include <jansson.h>

#include "services/notifier/channels/classify.h"
#include "services/notifier/channels/words.h"

static enum detail_code code_of(const struct detail_table *table, const char *word) {
    const struct detail_state *state = table->states;
    while (state->word && strcmp(state->word, word) != 0) {
        state++;
    }
    return state->code;
}

/* Others to the same number are not asked for. */
static void take(const struct detail_table *table, const json_t *item, const struct channel_inquiry *inquiry,
                 struct channel_findings *findings) {
    char word[CLASSIFY_CODE_SIZE];
    struct channel_finding *finding = &findings->items[findings->count];
    if (findings->count == CHANNEL_FINDINGS_MAX ||
        !classify_word(classify_at(item, table->tag), finding->tag, sizeof finding->tag) ||
        strncmp(finding->tag, inquiry->name, strlen(inquiry->name)) != 0) {
        return;
    }
    classify_word(classify_at(item, table->state), word, sizeof word);
    finding->code = code_of(table, word);
    classify_word(classify_at(item, table->words), word, sizeof word);
    words_clean(text_of(word), inquiry->address, finding->words);
    findings->count++;
}

static bool is_good(const struct detail_table *table, const json_t *root) {
    char word[CLASSIFY_CODE_SIZE];
    if (!table->good.code) {
        return true;
    }
    classify_word(classify_at(root, table->good.code), word, sizeof word);
    return strcmp(word, table->good.word) == 0;
}

bool details_read(const struct detail_table *table, struct text answer, const struct channel_inquiry *inquiry,
                  struct channel_findings *findings) {
    json_t *root = answer.length > 0 ? json_loadb(answer.data, answer.length, JSON_REJECT_DUPLICATES, NULL) : NULL;
    const json_t *list = root && is_good(table, root) ? classify_at(root, table->list) : NULL;
    bool read = json_is_array(list);
    for (size_t i = 0; i < json_array_size(list); i++) {
        take(table, json_array_get(list, i), inquiry, findings);
    }
    json_decref(root);
    return read;
}
