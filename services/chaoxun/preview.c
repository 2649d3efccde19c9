/* Previews of notices. */
#include "services/chaoxun/preview.h"

#include "proto/sms.h"
#include "services/chaoxun/grid.h"

#define NAME_BYTES 200

static int ask(const struct session *session, const struct draft *draft, struct arena *arena,
               struct wire_preview_answer *answer, struct error *error) {
    struct wire_preview_query query = {.units = {(void *)draft->recipients.units, draft->recipients.count},
                                       .title = draft->title,
                                       .text = draft->text,
                                       .confirm_by = draft->confirm_by};
    wire_set(&query.present, FIELD_preview_query_units);
    query.present |= (uint64_t)(draft->title.length > 0) << FIELD_preview_query_title;
    query.present |= (uint64_t)(draft->text.length > 0) << FIELD_preview_query_text;
    query.present |= (uint64_t)(draft->confirm_by > 0) << FIELD_preview_query_confirm_by;
    return session_ask_shape(session, EDGE_OUTBOX, "preview", SESSION_CALL_MS, SHAPE_preview_query, &query,
                             SHAPE_preview_answer, arena, answer, error);
}

static int resolve(const struct session *session, struct draft *draft, struct registry *registry, struct error *error) {
    int result = registry_load(registry, session, error);
    return result != 0 ? result : recipients_resolve(&draft->recipients, registry, error);
}

int preview_ask(const struct session *session, struct draft *draft, struct registry *registry, struct arena *arena,
                struct wire_preview_answer *answer, struct error *error) {
    bool names = recipients_have_names(&draft->recipients);
    int result = names ? resolve(session, draft, registry, error) : 0;
    if (result == 0) {
        result = ask(session, draft, arena, answer, error);
    }
    if (result == -(int)ERR_UNKNOWN_UNIT && !names) { /* a code alone is written as a path is */
        result = resolve(session, draft, registry, error);
        if (result == 0) {
            arena_reset(arena);
            result = ask(session, draft, arena, answer, error);
        }
    }
    return result;
}

/* ---- the table ---- */

static bool print_units(const struct wire_preview_answer *answer, enum error_language language, FILE *out) {
    struct grid *grid = grid_create();
    if (!grid) {
        return false;
    }
    grid_column(grid, language_pick(language, "unit", "单位"), GRID_LEFT);
    grid_column(grid, language_pick(language, "people", "人数"), GRID_RIGHT);
    grid_column(grid, language_pick(language, "SMS", "短信"), GRID_RIGHT);
    grid_column(grid, language_pick(language, "e-mail", "邮件"), GRID_RIGHT);
    const struct wire_preview_unit *units = answer->units.items;
    for (uint32_t i = 0; i < answer->units.count; i++) {
        grid_cell(grid, units[i].name.length > 0 ? units[i].name : units[i].unit);
        grid_cellf(grid, "%lld", (long long)units[i].people);
        grid_cellf(grid, "%lld", (long long)units[i].sms);
        grid_cellf(grid, "%lld", (long long)units[i].email);
    }
    bool whole = grid_print(grid, out);
    grid_destroy(&grid);
    return whole;
}

/* Channels that hold their messages until somebody configures them. */
static void print_missing(const struct wire_preview_answer *answer, enum error_language language, FILE *out) {
    if (answer->sms > 0 && !answer->sms_sends) {
        fprintf(out, "%s\n",
                language_pick(language, "No SMS gateway is configured (sms-url): the SMS are held until one is.",
                              "尚未配置短信网关（sms-url）：短信将暂缓发送，配置后再发。"));
    }
    if (answer->email > 0 && !answer->email_sends) {
        fprintf(out, "%s\n",
                language_pick(language, "No mail server is configured (smtp-url): the e-mails are held until one is.",
                              "尚未配置邮件服务器（smtp-url）：邮件将暂缓发送，配置后再发。"));
    }
    if (answer->robot > 0 && !answer->robot_sends) {
        fprintf(out, "%s\n",
                language_pick(language, "No robots are configured (robots): what is for them is held until they are.",
                              "尚未配置群机器人（robots）：给机器人的将暂缓发送，配置后再发。"));
    }
    if (answer->govding > 0 && !answer->govding_sends) {
        fprintf(out, "%s\n",
                language_pick(language, "浙政钉 is not configured (govding-url): what is for it is held until it is.",
                              "尚未配置浙政钉（govding-url）：给浙政钉的将暂缓发送，配置后再发。"));
    }
}

/* The SMS as it will be sent. */
static void print_words(const struct wire_preview_answer *answer, enum error_language language, FILE *out) {
    fprintf(out,
            language_pick(language, "each SMS: %lld characters, %lld of at most %lld parts\n",
                          "每条短信 %lld 字，分 %lld 条发送（最多 %lld 条）\n"),
            (long long)answer->sms_characters, (long long)answer->sms_parts, (long long)answer->sms_parts_max);
    fprintf(out, "%s%.*s\n", language_pick(language, "SMS: ", "短信："), (int)answer->sms_text.length,
            answer->sms_text.data);
}

static bool says(struct text text, struct text words) {
    return memmem(text.data, text.length, words.data, words.length) != NULL;
}

/* What stands in the place of each recipient's own; what there is no room for. */
static void print_samples(const struct wire_preview_answer *answer, enum error_language language, FILE *out) {
    struct text code = answer->code_sample;
    struct text link = answer->link_sample;
    if (code.length > 0 && says(answer->sms_text, code)) {
        fprintf(out,
                language_pick(language, "placeholder: %.*s (each SMS has a number of its own there, as long)\n",
                              "占位：“%.*s”，实际发送时每人的编号不同，长度一样\n"),
                (int)code.length, code.data);
    }
    if (link.length > 0) {
        fprintf(out,
                language_pick(language, "placeholder: %.*s (each recipient has a link of their own there, as long)\n",
                              "占位：“%.*s”，实际发送时每人的链接不同，长度一样\n"),
                (int)link.length, link.data);
    }
    if (link.length > 0 && answer->sms_parts <= answer->sms_parts_max && !says(answer->sms_text, link)) {
        fprintf(out, "%s\n",
                language_pick(language, "The SMS has no room for the link: shorten the text if it is to be there.",
                              "短信里放不下确认链接：要带链接，请把正文写短些。"));
    }
}

/* What the other channels say, where somebody is reached by them. */
static void print_other_words(const struct wire_preview_answer *answer, enum error_language language, FILE *out) {
    if (answer->email > 0) {
        fprintf(out, "%s%.*s\n%.*s", language_pick(language, "e-mail: ", "邮件："), (int)answer->email_subject.length,
                answer->email_subject.data, (int)answer->email_text.length, answer->email_text.data);
    }
    if (answer->robot > 0) {
        fprintf(out, "%s%.*s\n", language_pick(language, "robot: ", "机器人："), (int)answer->robot_text.length,
                answer->robot_text.data);
    }
}

/* Channels that few units have are told where somebody is reached by them. */
static void print_others(const struct wire_preview_answer *answer, enum error_language language, FILE *out) {
    if (answer->robot > 0) {
        fprintf(out, language_pick(language, ", %lld robots", "，群机器人 %lld 个"), (long long)answer->robot);
    }
    if (answer->govding > 0) {
        fprintf(out, language_pick(language, ", %lld by 浙政钉", "，浙政钉 %lld 人"), (long long)answer->govding);
    }
    fputc('\n', out);
}

bool preview_print(const struct session *session, const struct wire_preview_answer *answer, bool words, FILE *out) {
    enum error_language language = session->language;
    bool whole = print_units(answer, language, out);
    fprintf(out,
            language_pick(language, "in all %lld, each once: %lld by SMS, %lld by e-mail",
                          "共 %lld 人，每人一次：短信 %lld 人，邮件 %lld 人"),
            (long long)answer->people, (long long)answer->sms, (long long)answer->email);
    print_others(answer, language, out);
    print_missing(answer, language, out);
    if (words) {
        print_words(answer, language, out);
        print_other_words(answer, language, out);
        print_samples(answer, language, out);
    }
    return whole;
}

/* ---- refusals ---- */

int preview_check(const struct wire_preview_answer *answer, struct error *error) {
    if (answer->sms_parts > answer->sms_parts_max) {
        char value[24];
        char limit[24];
        snprintf(value, sizeof value, "%lld", (long long)answer->sms_characters);
        snprintf(limit, sizeof limit, "%lld", (long long)answer->sms_parts_max * SMS_UNITS_PART);
        return error_set(error, ERR_TOO_MANY_PARTS, (struct error_words){"--text", limit, value});
    }
    const struct wire_preview_unit *units = answer->units.items;
    for (uint32_t i = 0; i < answer->units.count; i++) {
        if (units[i].people == 0) {
            char value[NAME_BYTES];
            struct text name = units[i].name.length > 0 ? units[i].name : units[i].unit;
            snprintf(value, sizeof value, "%.*s", (int)name.length, name.data);
            return error_set(error, ERR_NO_CONTACT, (struct error_words){"--unit", NULL, value});
        }
    }
    return 0;
}
