/* Fuzzes what providers answer: 's' a mail server's replies, each piece what one reading brought; 'k' an HTTP status and
 * Kannel's words. Whatever they say has one meaning, and its words may be kept: one line of UTF-8 without the address. */
#include <assert.h>

#include "services/notifier/channels/kannel.h"
#include "services/notifier/channels/smtp_dialogue.h"
#include "services/notifier/channels/words.h"
#include "tests/fuzz/pieces.h"

#define MAIL_ADDRESS "li.na@haining.test"
#define PHONE "13800138002"

static void check_words(struct text said, const char *address, const char *secret) {
    char kept[CHANNEL_WORDS_MAX + 1];
    words_clean(said, address, kept);
    struct text_facts facts = text_examine(text_of(kept));
    assert(facts.valid && !facts.controls && !facts.line_controls && strlen(kept) <= CHANNEL_WORDS_MAX);
    assert(!strcasestr(kept, secret));
}

static void check_outcome(enum outcome outcome) {
    assert(outcome >= OUTCOME_ACCEPTED && outcome <= OUTCOME_UNKNOWN);
}

/* A mail is taken only when all of it was handed over and the server said so with a code of class 2. */
static void check_step(const struct smtp_dialogue *dialogue, enum smtp_step step) {
    enum outcome outcome = smtp_outcome(dialogue->phase, dialogue->code);
    check_outcome(outcome);
    assert((step == SMTP_TAKEN) == (step != SMTP_GOES_ON && outcome == OUTCOME_DELIVERED));
    assert(step != SMTP_TAKEN || (dialogue->phase == SMTP_END && dialogue->code / 100 == 2));
#ifdef PLANTED_BUG
    /* A careless reader: believes that a server that refuses says so with a code under 560. */
    assert(dialogue->code < 560);
#endif
    check_words(smtp_words(dialogue), MAIL_ADDRESS, MAIL_ADDRESS);
}

static void talk(struct pieces in) {
    static struct smtp_dialogue dialogue; /* keeps its memory */
    const struct smtp_mail mail = {.from = "office@haining.test",
                                   .to = MAIL_ADDRESS,
                                   .utf8 = piece_byte(&in) % 2 == 1,
                                   .content = text_of("Subject: x\r\n\r\n.dot\r\n..\r\nend\r\n")};
    enum smtp_step step = SMTP_GOES_ON;
    smtp_begin(&dialogue, &mail);
    while (step == SMTP_GOES_ON && in.left > 0) {
        smtp_sent(&dialogue, smtp_pending(&dialogue).length);
        step = smtp_received(&dialogue, piece_next(&in));
        check_step(&dialogue, step);
    }
}

static void answer(struct pieces in) {
    long status = 200 + piece_byte(&in) * 2;
    struct text said = {(const char *)in.data, (uint32_t)in.left};
    check_outcome(kannel_outcome(status, said));
    check_words(said, PHONE, "00138002");
    check_words(said, MAIL_ADDRESS, MAIL_ADDRESS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct pieces in = {data, size};
    if (piece_byte(&in) == 's') {
        talk(in);
    } else {
        answer(in);
    }
    return 0;
}
