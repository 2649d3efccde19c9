/* Rules from files, and from the notifier. */
#include "services/chaoxun/rules.h"

#include "services/chaoxun/files.h"

#define FILE_BYTES_MAX (1024 * 1024)
#define ASK_MS 10000

struct text rules_head(const struct session *session, struct arena *arena) {
    struct wire_stream_head head = {0};
    struct error error;
    int result = session_ask(session, EDGE_SUBMIT, "head", (struct text){0}, ASK_MS, shape_of(SHAPE_stream_head), arena,
                             &head, &error);
    return result == 0 ? head.position : (struct text){0};
}

int rules_find(const struct session *session, const char *name, const char *at_least, struct arena *arena,
               struct wire_rule_entry *entry, struct error *error) {
    struct wire_rules_query query = {.rule = text_of(name),
                                     .at_least = at_least ? text_of(at_least) : rules_head(session, arena)};
    struct wire_rules_answer answer;
    wire_set(&query.present, FIELD_rules_query_rule);
    query.present |= (uint64_t)(query.at_least.length > 0) << FIELD_rules_query_at_least;
    int result = session_ask_shape(session, EDGE_OUTBOX, "rules", ASK_MS, SHAPE_rules_query, &query, SHAPE_rules_answer,
                                   arena, &answer, error);
    if (result == -(int)ERR_NOT_FOUND) {
        return 0;
    }
    if (result == 0) {
        *entry = *(const struct wire_rule_entry *)answer.rows.items;
    }
    return result < 0 ? result : 1;
}

json_t *rules_read(const char *path, struct error *error) {
    struct buffer content = {0};
    json_t *json = NULL;
    if (file_read(path, FILE_BYTES_MAX, &content, error) == 0) {
        json = json_parse((struct text){(const char *)content.data, (uint32_t)content.length}, error);
    }
    buffer_free(&content);
    return json;
}

/* Its texts move from the JSON, which goes, into the arena. */
static int move(const struct wire_rule *read, struct arena *arena, struct wire_rule *rule, struct error *error) {
    struct buffer bytes = {0};
    struct faults faults = {0};
    int result = codec_encode(shape_of(SHAPE_rule), read, &bytes);
    const char *kept = result == 0 ? arena_copy(arena, bytes.data, bytes.length) : NULL;
    struct text text = {kept, (uint32_t)bytes.length};
    result = kept ? codec_decode(shape_of(SHAPE_rule), text, arena, rule, &faults) : -(int)ERR_NO_MEMORY;
    buffer_free(&bytes);
    if (result < 0) {
        return faults.count > 0 ? faults_to_error(&faults, error)
                                : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    return 0;
}

int rules_parse(const json_t *json, struct arena *arena, struct wire_rule *rule, struct error *error) {
    struct faults faults = {0};
    struct wire_rule read;
    json_t *copy = json_is_object(json) ? json_deep_copy(json) : NULL;
    if (!copy) {
        return error_setf(error, ERR_USAGE, "a rule is a JSON object");
    }
    json_object_del(copy, "unit");
    if (!json_object_get(copy, "version")) {
        json_object_set_new(copy, "version", json_integer(1));
    }
    int result = json_to_shape(shape_of(SHAPE_rule), copy, arena, &read, &faults);
    result = result < 0 ? faults_to_error(&faults, error) : move(&read, arena, rule, error);
    json_decref(copy);
    return result;
}

int rules_read_one(const char *path, struct arena *arena, struct wire_rule *rule, struct error *error) {
    json_t *json = rules_read(path, error);
    const json_t *one = json_is_array(json) && json_array_size(json) == 1 ? json_array_get(json, 0) : json;
    int result = json ? rules_parse(one, arena, rule, error) : -(int)error->code;
    json_decref(json);
    return result;
}
