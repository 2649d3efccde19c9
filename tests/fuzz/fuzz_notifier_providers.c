/* Fuzzes what comes back from outside: 'h' an HTTP status and the words of every provider by HTTP; 'q' what providers know
 * of a message; 'b' a mail that came back.
 * Whatever they say has one meaning, its words may be kept, and no mail names a message without our signature. */
#include <assert.h>

#include "services/notifier/bounce_mail.h"
#include "services/notifier/channels/http_kind.h"
#include "services/notifier/channels/words.h"
#include "services/notifier/verp.h"
#include "tests/fuzz/pieces.h"

#define PHONE "13800138002"

static void check_words(const char *said) {
    char kept[CHANNEL_WORDS_MAX + 1];
    words_clean(text_of(said), PHONE, kept);
    struct text_facts facts = text_examine(text_of(kept));
    assert(facts.valid && !facts.controls && !facts.line_controls && strlen(kept) <= CHANNEL_WORDS_MAX);
    assert(!strstr(kept, "00138002"));
}

static void judge(struct pieces in) {
    static const struct http_kind *const kinds[] = {&aliyun_kind,  &tencent_kind,  &mas_kind,    &wecom_kind,
                                                    &govding_kind, &dingtalk_kind, &kannel_kind, &webhook_kind};
    long status = 200 + piece_byte(&in) * 2;
    struct text said = {(const char *)in.data, (uint32_t)in.left};
    for (size_t i = 0; i < 8; i++) {
        struct verdict verdict;
        http_judge(kinds[i], status, said, &verdict);
        assert(verdict.outcome >= OUTCOME_ACCEPTED && verdict.outcome <= OUTCOME_UNKNOWN && verdict.pause_ms >= 0);
        assert(memchr(verdict.words, 0, sizeof verdict.words));
        check_words(verdict.words);
        /* An answer that is no object never counts as taken, but by Kannel's words and a webhook's status. */
        bool taken = verdict.outcome == OUTCOME_ACCEPTED || verdict.outcome == OUTCOME_DELIVERED;
        assert(!taken || !kinds[i]->codes || memchr(said.data, '{', said.length));
    }
}

/* What a provider knows of a message when it is asked: no more than there is room for, of this message alone. */
static void tell(struct pieces in) {
    static const struct http_kind *const kinds[] = {&aliyun_kind, &tencent_kind};
    const struct channel_inquiry inquiry = {.address = PHONE, .name = "0a1b"};
    struct text said = {(const char *)in.data, (uint32_t)in.left};
    for (size_t i = 0; i < 2; i++) {
        struct channel_findings findings = {.count = 0};
        bool read = details_read(kinds[i]->details, said, &inquiry, &findings);
        assert(findings.count <= CHANNEL_FINDINGS_MAX && (read || findings.count == 0));
        for (int j = 0; j < findings.count; j++) {
            const struct channel_finding *finding = &findings.items[j];
            assert(strncmp(finding->tag, "0a1b", 4) == 0);
            assert(finding->code == 1 || finding->code == 2 || finding->code == 8);
            assert(!strstr(finding->words, "00138002"));
        }
    }
}

static void come_back(struct pieces in) {
    const struct hook hook = {.key = {1}, .url = ""};
    const struct verp verp = {&hook, "bounce@haining.test"};
    struct text mail = {(const char *)in.data, (uint32_t)in.left};
    struct bounce_mail read;
    struct id ref;
    int32_t attempt;
    bounce_mail_read(mail, &read);
    assert(read.head.length <= mail.length && memchr(read.words, 0, sizeof read.words));
    assert(read.kind == BOUNCE_OTHER || memchr(mail.data, '/', mail.length)); /* its part has a type */
#ifdef PLANTED_BUG
    /* A careless reader: believes that what failed for good has a status of class 5. */
    assert(read.kind == BOUNCE_OTHER || read.words[0] == '5');
#endif
    check_words(read.words);
    assert(verp_find(&verp, mail, &ref, &attempt) <= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct pieces in = {data, size};
    switch (piece_byte(&in)) {
    case 'b':
        come_back(in);
        break;
    case 'q':
        tell(in);
        break;
    default:
        judge(in);
        break;
    }
    return 0;
}
