/* Fuzzes what the command reads: 'o' an organisation file, 'm' a moment, 'r' the words of --unit, 'l' a service's log,
 * 'e' an error answer, 'a' receipts. What it takes can be handed in; what it prints is one line where one is meant. */
#include <assert.h>
#include <stdlib.h>

#include "services/chaoxun/document.h"
#include "services/chaoxun/log_line.h"
#include "services/chaoxun/moment.h"
#include "services/chaoxun/organisation.h"
#include "services/chaoxun/receipts.h"
#include "services/chaoxun/recipients.h"
#include "tests/fuzz/pieces.h"

#define NOW INT64_C(1795000000000)
#define CHINA 480
#define MEMORY ((size_t)16 * 1024 * 1024)

static void read_organisation(struct text bytes) {
    struct organisation organisation = {0};
    struct error error = {0};
    if (organisation_parse(&organisation, bytes, NOW, &error) < 0) {
        assert(error.code != ERR_OK && text_is_utf8(text_of(error.text)));
        organisation_free(&organisation);
        return;
    }
    assert(organisation.count > 0 && organisation.count <= ORGANISATION_EVENTS_MAX);
    for (uint32_t i = 0; i < organisation.count; i++) {
        assert(path_is_within(organisation.events[i].unit, organisation.brigade));
#ifdef PLANTED_BUG
        /* A careless reader: believes that the code of a squad is a word, not a number. */
        assert(organisation.events[i].unit.data[organisation.events[i].unit.length - 1] != '7');
#endif
    }
    organisation_free(&organisation);
}

static void read_moment(struct text bytes) {
    int64_t at = 0;
    int64_t again = 0;
    char text[MOMENT_TEXT_SIZE];
    if (moment_parse(bytes, NOW, CHINA, &at)) {
        moment_format(at, CHINA, text);
        assert(text_is_utf8(text_of(text)));
        assert(at == 0 || (moment_parse(text_of(text), NOW, CHINA, &again) && again / 1000 == at / 1000));
    }
}

static void read_recipients(struct text bytes) {
    struct recipients recipients = {0};
    struct error error = {0};
    char words[4096];
    uint32_t length = bytes.length < sizeof words ? bytes.length : sizeof words - 1;
    if (length > 0) {
        memcpy(words, bytes.data, length);
    }
    words[length] = '\0';
    if (recipients_read(&recipients, words, &error) < 0) {
        assert(error.code == ERR_USAGE || error.code == ERR_TOO_MANY);
        return;
    }
    for (uint32_t i = 0; i < recipients.count; i++) {
        assert(recipients.units[i].length > 0);
        for (uint32_t other = 0; other < i; other++) {
            assert(!text_equal(recipients.units[i], recipients.units[other]));
        }
    }
    (void)recipients_have_names(&recipients);
}

static void take_line(void *data, struct text line) {
    uint32_t *bytes = data;
    char shown[200];
    size_t length = log_line_shorten(line, "intake", shown, sizeof shown);
    assert(length < sizeof shown && log_line_level(line) <= LOG_LEVEL_ERROR);
    assert(line.length <= LOG_LINE_MAX && !memchr(line.length > 0 ? line.data : "", '\n', line.length));
    *bytes += line.length;
}

static void read_log(struct pieces in) {
    struct line_splitter splitter = {0};
    uint32_t taken = 0;
    size_t given = 0;
    while (in.left > 0) {
        struct text piece = piece_next(&in);
        line_split(&splitter, piece.data, piece.length, take_line, &taken);
        given += piece.length;
    }
    line_split_end(&splitter, take_line, &taken);
    assert(taken <= given);
}

static void read_error(struct text bytes) {
    struct error error = {0};
    int64_t retry_after = 0;
    int result = session_answer_error(bytes, &error, &retry_after);
    assert(result < 0 && result == -(int)error.code && retry_after >= 0);
    assert(text_is_utf8(text_of(error.text)) && text_is_utf8(text_of(error.text_zh)));
}

static void print_receipts(struct text bytes) {
    struct arena *arena = arena_create(MEMORY);
    struct wire_receipts receipts;
    struct faults faults = {0};
    if (codec_decode(shape_of(SHAPE_receipts), bytes, arena, &receipts, &faults) == 0) {
        for (uint32_t i = 0; i < receipts.receipts.count; i++) {
            const struct wire_receipt *receipt = &((const struct wire_receipt *)receipts.receipts.items)[i];
            char *printed = NULL;
            size_t length = 0;
            FILE *out = open_memstream(&printed, &length);
            assert(out);
            receipt_print(out, receipt, "fuzz", i % 2 ? LANGUAGE_ZH : LANGUAGE_EN);
            (void)receipt_is_refusal(receipt);
            fclose(out);
            assert(length > 0 && printed[length - 1] == '\n');
            free(printed);
        }
    }
    arena_destroy(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct pieces in = {data, size};
    uint8_t part = piece_byte(&in);
    struct text rest = {(const char *)in.data, (uint32_t)in.left};
    switch (part) {
    case 'm':
        read_moment(rest);
        break;
    case 'r':
        read_recipients(rest);
        break;
    case 'l':
        read_log(in);
        break;
    case 'e':
        read_error(rest);
        break;
    case 'a':
        print_receipts(rest);
        break;
    default:
        read_organisation(rest);
        break;
    }
    return 0;
}
