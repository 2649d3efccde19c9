/* Bundles. */
#include "services/notifier/grouping/bundle.h"

#include <inttypes.h>
#include <stdio.h>

#include "proto/sms.h"

#define UNITS_SPARE 40     /* of an SMS, for what is added behind the text: how to answer */
#define ROBOT_BYTES 1800   /* WeCom's text takes 2,048 with the signature */
#define GOVDING_BYTES 1200 /* 浙政钉 takes 2,048 as JSON */
#define EMAIL_BYTES 60000
#define MIXED_TITLE "提醒汇总"
#define REST "另有%" PRIu32 "条，请登录系统在“通知”中查看"
#define REST_SIZE 80
#define HEAD_SIZE 24 /* "123. " or " ×123" */

struct bundle_limit bundle_limit_of(enum channel channel) {
    static const struct bundle_limit limits[CHANNEL_COUNT] = {
        [CHANNEL_SMS] = {SMS_NOTICE_UNITS_MAX - UNITS_SPARE, UINT32_MAX},
        [CHANNEL_EMAIL] = {UINT32_MAX, EMAIL_BYTES},
        [CHANNEL_ROBOT] = {UINT32_MAX, ROBOT_BYTES},
        [CHANNEL_GOVDING] = {UINT32_MAX, GOVDING_BYTES},
    };
    return limits[channel];
}

static struct text text_in(const struct buffer *buffer) {
    return (struct text){(const char *)buffer->data, (uint32_t)buffer->length};
}

static bool fits(const struct buffer *title, const struct buffer *text, const struct bundle_limit *limit) {
    return sms_units(text_in(title)) + sms_units_laid_out(text_in(text)) <= limit->units &&
           title->length + text->length <= limit->bytes;
}

static void put(struct buffer *out, struct text text) {
    buffer_append(out, text.data, text.length);
}

/* ---- titles ---- */

static bool have_one_title(const struct bundle_item *items, uint32_t count) {
    bool same = items[0].title.length > 0;
    for (uint32_t i = 1; i < count && same; i++) {
        same = text_equal(items[i].title, items[0].title);
    }
    return same;
}

static void put_title(const struct bundle_item *items, uint32_t count, struct buffer *title) {
    char number[32];
    put(title, have_one_title(items, count) ? items[0].title : text_of(MIXED_TITLE));
    snprintf(number, sizeof number, "（共%" PRIu32 "条）", count);
    buffer_append_string(title, number);
}

/* ---- all texts ---- */

static void put_whole(const struct bundle_item *items, uint32_t count, struct buffer *text) {
    bool same = have_one_title(items, count);
    for (uint32_t i = 0; i < count; i++) {
        char head[HEAD_SIZE];
        snprintf(head, sizeof head, "%s%" PRIu32 ". ", i > 0 ? "\n" : "", i + 1);
        buffer_append_string(text, head);
        if (!same && items[i].title.length > 0) {
            put(text, items[i].title);
            buffer_append_string(text, "：");
        }
        put(text, items[i].text);
    }
}

/* ---- what they are about ---- */

static bool same_matter(const struct bundle_item *a, const struct bundle_item *b) {
    return text_equal(a->unit, b->unit) && text_equal(a->title, b->title);
}

/* How many there are of the matter of item `i`; 0 when an earlier one named it. */
static uint32_t count_matter(const struct bundle_item *items, uint32_t count, uint32_t i) {
    uint32_t found = 0;
    for (uint32_t other = 0; other < count; other++) {
        if (same_matter(&items[other], &items[i])) {
            if (other < i) {
                return 0;
            }
            found++;
        }
    }
    return found;
}

static void put_matter(const struct bundle_item *item, bool titled, uint32_t count, struct buffer *text) {
    buffer_append_string(text, text->length > 0 ? "\n" : "");
    put(text, item->unit);
    if (titled && item->title.length > 0) {
        buffer_append_string(text, item->unit.length > 0 ? "：" : "");
        put(text, item->title);
    }
    if (count > 1) {
        char times[HEAD_SIZE];
        snprintf(times, sizeof times, " ×%" PRIu32, count);
        buffer_append_string(text, times);
    }
}

static void put_rest(uint32_t count, struct buffer *text) {
    char rest[REST_SIZE];
    snprintf(rest, sizeof rest, REST, count);
    buffer_append_string(text, text->length > 0 ? "\n" : "");
    buffer_append_string(text, rest);
}

static void put_all_matters(const struct bundle_item *items, uint32_t count, struct buffer *text) {
    bool titled = !have_one_title(items, count);
    for (uint32_t i = 0; i < count && !text->failed; i++) {
        uint32_t of_this = count_matter(items, count, i);
        if (of_this > 0) {
            put_matter(&items[i], titled, of_this, text);
        }
    }
}

/* As many as there is room for with the line that counts the others. */
static void put_matters(const struct bundle_item *items, uint32_t count, const struct bundle_limit *limit,
                        const struct buffer *title, struct buffer *text) {
    bool titled = !have_one_title(items, count);
    uint32_t left = count;
    for (uint32_t i = 0; i < count && !text->failed; i++) {
        uint32_t of_this = count_matter(items, count, i);
        size_t before = text->length;
        if (of_this == 0) {
            continue;
        }
        put_matter(&items[i], titled, of_this, text);
        size_t named = text->length;
        put_rest(left - of_this, text);
        bool room = fits(title, text, limit);
        text->length = room ? named : before;
        if (!room) {
            break;
        }
        left -= of_this;
    }
    put_rest(left, text);
}

void bundle_write(const struct bundle_item *items, uint32_t count, const struct bundle_limit *limit,
                  struct buffer *title, struct buffer *text) {
    put_title(items, count, title);
    put_whole(items, count, text);
    if (!text->failed && !fits(title, text, limit)) {
        text->length = 0;
        put_all_matters(items, count, text);
    }
    if (!text->failed && !fits(title, text, limit)) {
        text->length = 0;
        put_matters(items, count, limit, title, text);
    }
}
