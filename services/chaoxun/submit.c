/* chaoxun submit: JSON events to receipts. */
#include <stdio.h>

#include "common/clock.h"
#include "proto/json.h"
#include "services/chaoxun/command.h"
#include "services/chaoxun/document.h"
#include "services/chaoxun/files.h"
#include "services/chaoxun/receipts.h"

#define INPUT_BYTES_MAX (256 * 1024 * 1024)
#define ARENA_BYTES (4 * 1024 * 1024)
#define PATIENCE_MS 15000
#define WINDOW 8

struct submission {
    struct session session;
    struct sender *sender;
    struct arena *arena;
    bool json;
    bool refused;
};

static void take_receipt(void *data, uint64_t number, const struct wire_receipt *receipt) {
    struct submission *submission = data;
    (void)number;
    submission->refused = submission->refused || receipt_is_refusal(receipt);
    if (submission->json) {
        document_print_line(shape_of(SHAPE_receipt), receipt);
    } else {
        receipt_print(stdout, receipt, NULL, submission->session.language);
    }
}

/* An event that is refused here already gets the receipt that intake would have given. */
static void refuse(struct submission *submission, const struct event *event, const struct faults *faults) {
    struct wire_fault rows[FAULTS_MAX] = {0};
    char texts[FAULTS_MAX][2][ERROR_TEXT_MAX];
    for (uint32_t i = 0; i < faults->count; i++) {
        const struct fault *fault = &faults->items[i];
        fault_render(fault, LANGUAGE_ZH, texts[i][0], sizeof texts[i][0]);
        fault_render(fault, LANGUAGE_EN, texts[i][1], sizeof texts[i][1]);
        rows[i] = (struct wire_fault){.field = text_of(fault->field),
                                      .code = text_of(error_wire(fault->code)),
                                      .limit = text_of(fault->limit),
                                      .value = text_of(fault->value),
                                      .text = text_of(texts[i][0]),
                                      .text_en = text_of(texts[i][1])};
        rows[i].present = shape_of(SHAPE_fault)->required_fields | UINT64_C(1) << FIELD_fault_limit |
                          UINT64_C(1) << FIELD_fault_value;
    }
    struct wire_receipt receipt = {.status = STATUS_REJECTED, .faults = {rows, faults->count}, .id = event->id};
    wire_set(&receipt.present, FIELD_receipt_status);
    wire_set(&receipt.present, FIELD_receipt_faults);
    if (!id_is_zero(&event->id)) {
        wire_set(&receipt.present, FIELD_receipt_id);
    }
    take_receipt(submission, 0, &receipt);
}

static int submit_one(struct submission *submission, json_t *json, struct error *error) {
    struct event event = {0};
    struct faults faults = {0};
    arena_reset(submission->arena);
    if (json_to_event(json, &(struct json_given){.now = clock_now()}, submission->arena, &event, &faults) != 0) {
        refuse(submission, &event, &faults);
        return 0;
    }
    return sender_add(submission->sender, &event, error);
}

static int submit_document(struct submission *submission, json_t *json, struct error *error) {
    if (!json_is_array(json)) {
        return submit_one(submission, json, error);
    }
    int result = 0;
    for (size_t i = 0; i < json_array_size(json) && result == 0; i++) {
        result = submit_one(submission, json_array_get(json, i), error);
    }
    return result;
}

/* One document per line; empty lines count for nothing. */
static int submit_lines(struct submission *submission, struct text input, struct error *error) {
    int result = 0;
    unsigned number = 0;
    while (input.length > 0 && result == 0) {
        const char *end = memchr(input.data, '\n', input.length);
        uint32_t length = end ? (uint32_t)(end - input.data) : input.length;
        struct text line = {input.data, length};
        uint32_t taken = length + (end != NULL);
        input = (struct text){input.data + taken, input.length - taken};
        number++;
        if (strspn(line.data, " \t\r") >= length) {
            continue;
        }
        json_t *json = json_parse(line, error);
        result = json ? submit_document(submission, json, error) : error_wrap(error, "line %u", number);
        json_decref(json);
    }
    return result;
}

static int submit_all(struct submission *submission, struct text input, struct error *error) {
    json_t *json = input.length <= FRAME_BYTES_MAX ? json_parse(input, error) : NULL;
    int result;
    if (json) {
        result = submit_document(submission, json, error);
    } else {
        /* Several documents are not one: their lines say what is wrong, if anything is. */
        const char *start = input.data + strspn(input.data, " \t\r\n");
        bool lines = *start == '{' && memchr(start, '\n', input.length - (size_t)(start - input.data));
        if (!lines) {
            return -(int)error->code;
        }
        result = submit_lines(submission, input, error);
    }
    json_decref(json);
    return result;
}

static int open_all(struct submission *submission, struct client **client, struct error *error) {
    const struct options *options = submission->session.options;
    int result = session_open(&submission->session, options, option_text(options, "key"),
                              option_text(options, "server-key"), error);
    if (result == 0) {
        result = session_connect(&submission->session, EDGE_SUBMIT, client, error);
    }
    if (result == 0) {
        const struct sender_options sending = {.client = *client,
                                               .frame_events = SENDER_FRAME_EVENTS_MAX,
                                               .window = WINDOW,
                                               .patience_ms = PATIENCE_MS,
                                               .receipt = take_receipt,
                                               .data = submission};
        result = sender_open(&submission->sender, &sending, error);
    }
    submission->arena = arena_create(ARENA_BYTES);
    return result != 0 || submission->arena ? result : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

static int run_submit(const struct options *options) {
    struct submission submission = {.json = option_given(options, "json"), .session = {.options = options}};
    struct client *client = NULL;
    struct buffer input = {0};
    struct error error = {.code = ERR_OK};
    const char *path = option_operand(options, 0);
    int result = open_all(&submission, &client, &error);
    if (result == 0) {
        result = file_read(path ? path : "-", INPUT_BYTES_MAX, &input, &error);
    }
    if (result == 0) {
        buffer_append(&input, "", 1); /* a terminator, not part of the text */
        result = submit_all(&submission, (struct text){(const char *)input.data, (uint32_t)input.length - 1}, &error);
        int finished = sender_finish(submission.sender, result == 0 ? &error : NULL);
        result = result == 0 ? finished : result;
    }
    if (result == -(int)ERR_UNAVAILABLE) {
        session_unreachable(&submission.session, EDGE_SUBMIT, &error);
    }
    sender_close(&submission.sender);
    client_close(&client);
    arena_destroy(&submission.arena);
    buffer_free(&input);
    int status = result != 0 ? command_fail(options, &error) : submission.refused ? EXIT_REFUSED : 0;
    session_close(&submission.session);
    return status;
}

static const struct option_row rows[] = {
    SESSION_KEY_OPTIONS,
    {.name = "json", .kind = OPTION_FLAG, .prose = "receipts as JSON, one per line"},
    {.name = NULL},
};

const struct command command_submit = {
    .name = "submit",
    .summary = "hand in events written as JSON; print a receipt for each",
    .usage = "[OPTION...] [FILE|-]",
    .about =
        "Reads one event, an array of events, or one event per line. What is left out of v, id and at is filled in.\n"
        "A receipt `stored` means that the event is durable; its position can be handed to totals --at-least.\n"
        "Example:\n"
        "  echo "
        "'{\"type\":\"report.submitted\",\"unit\":\"haining/xiashi\",\"body\":{\"programmes\":[\"clean-home\"],\n"
        "    \"date\":\"2026-05-06\",\"attendances\":20}}' | chaoxun submit\n"
        "  chaoxun submit --key clients/square.key --server-key clients/intake.pub reports.json\n",
    .options = rows,
    .operands_max = 1,
    .run = run_submit,
};
