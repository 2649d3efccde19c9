/* Receipts: their lines, and the submission of single events by the commands that set something. */
#include "services/chaoxun/receipts.h"

#include <stdlib.h>

#include "common/clock.h"
#include "services/chaoxun/command.h"

#define PATIENCE_MS 10000

bool receipt_is_refusal(const struct wire_receipt *receipt) {
    return receipt->status == STATUS_REJECTED || receipt->status == STATUS_CONFLICT;
}

static const char *status_word(const struct wire_receipt *receipt, enum error_language language) {
    return language == LANGUAGE_ZH ? word_chinese(KIND_STATUS, receipt->status)
                                   : word_wire(KIND_STATUS, receipt->status);
}

static void print_faults(FILE *out, const struct wire_receipt *receipt, enum error_language language) {
    const struct wire_fault *faults = receipt->faults.items;
    for (uint32_t i = 0; i < receipt->faults.count; i++) {
        struct text text = language == LANGUAGE_ZH ? faults[i].text : faults[i].text_en;
        fprintf(out, "    %.*s\n", (int)text.length, text.data);
    }
}

static void print_warnings(FILE *out, const struct wire_receipt *receipt, enum error_language language) {
    const struct wire_warning *warnings = receipt->warnings.items;
    for (uint32_t i = 0; i < receipt->warnings.count; i++) {
        struct text text = language == LANGUAGE_ZH ? warnings[i].text : warnings[i].text_en;
        fprintf(out, "    %s%.*s\n", language == LANGUAGE_ZH ? "提示：" : "note: ", (int)text.length, text.data);
    }
}

void receipt_print(FILE *out, const struct wire_receipt *receipt, const char *label, enum error_language language) {
    char id[ID_TEXT_SIZE] = "-";
    if (wire_has(receipt->present, FIELD_receipt_id)) {
        id_format(&receipt->id, id);
    }
    fprintf(out, "%s%s%s %s", label ? label : "", label ? " " : "", status_word(receipt, language), id);
    if (receipt->seq > 0) {
        fprintf(out, " seq=%lld", (long long)receipt->seq);
    }
    if (receipt->position.length > 0) {
        fprintf(out, " position=%.*s", (int)receipt->position.length, receipt->position.data);
    }
    fputc('\n', out);
    if (receipt->status == STATUS_CONFLICT && receipt->faults.count == 0) {
        char text[ERROR_TEXT_MAX];
        error_render(text, sizeof text, ERR_CONFLICT, language, (struct error_words){0});
        fprintf(out, "    %s\n", text);
    }
    print_faults(out, receipt, language);
    print_warnings(out, receipt, language);
}

struct event event_now(enum event_type type, struct text unit, union event_body *body) {
    int64_t now = clock_now();
    return (struct event){.id = id_new(now), .type = type, .unit = unit, .at = now, .body = body};
}

/* What the one receipt said. */
struct outcome {
    enum error_language language;
    bool refused;
    char position[POSITION_TEXT_SIZE];
};

static void take_receipt(void *data, uint64_t number, const struct wire_receipt *receipt) {
    struct outcome *outcome = data;
    (void)number;
    outcome->refused = receipt_is_refusal(receipt);
    snprintf(outcome->position, sizeof outcome->position, "%.*s", (int)receipt->position.length,
             receipt->position.data);
    receipt_print(outcome->refused ? stderr : stdout, receipt, NULL, outcome->language);
}

int receipt_submit_at(const struct session *session, const struct event *event, char position[POSITION_TEXT_SIZE]) {
    struct outcome outcome = {.language = session->language};
    struct client *client = NULL;
    struct sender *sender = NULL;
    struct error error;
    int result = session_connect(session, EDGE_SUBMIT, &client, &error);
    if (result == 0) {
        const struct sender_options options = {.client = client,
                                               .frame_events = 1,
                                               .window = 1,
                                               .patience_ms = PATIENCE_MS,
                                               .receipt = take_receipt,
                                               .data = &outcome};
        result = sender_open(&sender, &options, &error);
    }
    if (result == 0) {
        result = sender_add(sender, event, &error);
    }
    if (result == 0) {
        result = sender_finish(sender, &error);
    }
    if (result == -(int)ERR_UNAVAILABLE) {
        session_unreachable(session, EDGE_SUBMIT, &error);
    }
    sender_close(&sender);
    client_close(&client);
    if (position) {
        memcpy(position, outcome.position, sizeof outcome.position);
    }
    return result != 0 ? command_fail(session->options, &error) : outcome.refused ? EXIT_REFUSED : 0;
}

int receipt_submit(const struct session *session, const struct event *event) {
    return receipt_submit_at(session, event, NULL);
}
