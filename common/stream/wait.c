/* Judging positions. */
#include "common/stream/wait.h"

static int refuse(enum error_code code, const struct position *wanted, const struct position *limit,
                  struct error *error) {
    char value_text[POSITION_TEXT_SIZE];
    char limit_text[POSITION_TEXT_SIZE];
    position_format(wanted, value_text);
    position_format(limit, limit_text);
    return error_set(error, code, (struct error_words){.value = value_text, .limit = limit_text});
}

static int judge_folded(const struct position *own, const struct position *wanted, struct error *error) {
    bool same = wanted->epoch == own->epoch && (wanted->seq < own->seq || wanted->hash == own->hash);
    return same ? WAIT_ANSWER : refuse(ERR_OTHER_JOURNAL, wanted, own, error);
}

/* A repair begins an epoch at the end of the last block, before the first block of it: the head is then where we stand,
 * though its epoch is a newer one. */
static bool stands_at_head(const struct position *own, const struct position *head, const struct position *wanted) {
    return head && head->journal == wanted->journal && head->epoch == wanted->epoch && head->seq == wanted->seq &&
           head->hash == wanted->hash && own->seq == head->seq && own->hash == head->hash;
}

int wait_judge(const struct position *own, const struct position *head, bool fresh, const struct position *wanted,
               struct error *error) {
    if (wanted->seq == 0 || (own->seq > 0 && stands_at_head(own, head, wanted))) {
        return WAIT_ANSWER;
    }
    if (own->seq > 0 && wanted->journal != own->journal) {
        return refuse(ERR_OTHER_JOURNAL, wanted, own, error);
    }
    if (wanted->seq <= own->seq) {
        return judge_folded(own, wanted, error);
    }
    bool same = head && wanted->journal == head->journal && wanted->epoch == head->epoch;
    if (same && wanted->seq <= head->seq) {
        return WAIT_HOLD;
    }
    if (!head || !fresh) {
        return WAIT_ASK;
    }
    return refuse(same ? ERR_BEYOND : ERR_OTHER_JOURNAL, wanted, head, error);
}
