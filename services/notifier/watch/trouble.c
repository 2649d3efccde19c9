/* Troubles. */
#include "services/notifier/watch/trouble.h"

#include <inttypes.h>
#include <stdio.h>

#include "proto/shape.h"

#define MS_PER_MINUTE 60000

bool trouble_is_there(enum trouble trouble, const struct trouble_figures *figures, const struct trouble_limits *limits,
                      int64_t now) {
    switch (trouble) {
    case TROUBLE_OLDEST:
        return figures->open > 0 && now - figures->oldest_at >= limits->oldest_ms;
    case TROUBLE_DEAD:
        return figures->dead > 0;
    case TROUBLE_BREAKER:
        return figures->breakers > 0;
    case TROUBLE_REPORTS:
        return figures->unreported > figures->reported;
    case TROUBLE_COUNT:
        break;
    }
    return false;
}

enum trouble_turn trouble_look(struct trouble_watch *watch, bool there, const struct trouble_limits *limits,
                               int64_t now) {
    if (watch->since == 0 || watch->there != there) {
        *watch = (struct trouble_watch){there, now};
    }
    if (now - watch->since < limits->standing_ms) {
        return TROUBLE_UNDECIDED;
    }
    return there ? TROUBLE_STANDS : TROUBLE_OVER;
}

const char *trouble_word(enum trouble trouble) {
    static const char *const words[TROUBLE_COUNT] = {"oldest", "dead", "breaker", "reports"};
    return words[trouble];
}

void trouble_text(enum trouble trouble, enum channel channel, const struct trouble_figures *figures, int64_t now,
                  char out[TROUBLE_TEXT_SIZE]) {
    const char *name = word_chinese(KIND_CHANNEL, (int)channel);
    int64_t minutes = figures->open > 0 ? (now - figures->oldest_at) / MS_PER_MINUTE : 0;
    switch (trouble) {
    case TROUBLE_OLDEST:
        snprintf(out, TROUBLE_TEXT_SIZE,
                 "%s有 %" PRId64 " 条还没有发出，最早的一条已等 %" PRId64 " 分钟。急事请改用电话，并请技术人员检查。",
                 name, figures->open, minutes);
        break;
    case TROUBLE_DEAD:
        snprintf(out, TROUBLE_TEXT_SIZE,
                 "%s最近一天有 %" PRId64 " 条无法发送，原因见“通知”页的网关答复。改好以后可以再次发送。", name,
                 figures->dead);
        break;
    case TROUBLE_BREAKER:
        snprintf(out, TROUBLE_TEXT_SIZE,
                 "%s的网关连续失败，已暂停使用，%" PRId64 " 条在等。系统会自动再试；急事请改用电话，并请技术人员检查。",
                 name, figures->open);
        break;
    default:
        snprintf(out, TROUBLE_TEXT_SIZE,
                 "%s有 %" PRId64 " 条早已交给网关，却没有送达回执（有回执的 %" PRId64
                 " 条）。可能没有送到，请技术人员检查回执地址。",
                 name, figures->unreported, figures->reported);
        break;
    }
}
