/* Words of and for SMS that come in. */
#include "services/notifier/incoming/wording.h"

#include <inttypes.h>
#include <stdio.h>

#include "proto/sms.h"
#include "services/notifier/channels/compose.h"

const char sms_help[] =
    "没看懂。请这样写：项目 日期 地点 人数 时长 成效，例如：清洁家园 今天上午 河西社区 20人 3小时 清理牛皮癣200处";

const char sms_too_much[] = "内容太多，没有收下。请一条短信只写一次活动，写短些重新发送。";

static struct text trimmed(struct text text) {
    static const char *const ends[] = {" ", "\t", "\r", "\n", "。", ".", "　", "！", "!"};
    bool more = true;
    while (more) {
        more = false;
        for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
            uint32_t length = (uint32_t)strlen(ends[i]);
            bool begins = text.length >= length && memcmp(text.data, ends[i], length) == 0;
            text = begins ? (struct text){text.data + length, text.length - length} : text;
            bool closes = text.length >= length && memcmp(text.data + text.length - length, ends[i], length) == 0;
            text.length -= closes ? length : 0;
            more = more || begins || closes;
        }
    }
    return text;
}

static bool is_one_of(struct text text, const char *const *words) {
    for (; *words; words++) {
        if (text_equal(text, text_of(*words))) {
            return true;
        }
    }
    return false;
}

static bool holds_one_of(struct text text, const char *const *words) {
    for (; *words; words++) {
        if (memmem(text.data, text.length, *words, strlen(*words))) {
            return true;
        }
    }
    return false;
}

enum sms_meaning sms_meaning_of(struct text text) {
    static const char *const yes[] = {"1", "１", "确认", "是", "对", "回复1", NULL};
    static const char *const no[] = {"0", "０", "取消", "不", "回复0", NULL};
    static const char *const automatic[] = {
        "自动回复",      "自动应答",      "稍后回复您",    "稍后给您回",      "正在开会",        "正在开车",
        "正在驾驶",      "现在不方便",    "正在休假",      "正在出差",        "不在办公室",      "无法接听",
        "来电提醒",      "成功送达",      "已送达您",      "短信送达",        "送达回执",        "阅读回执",
        "auto-reply",    "Auto-Reply",    "Auto reply",    "auto reply",      "automatic reply", "Automatic reply",
        "out of office", "Out of office", "Out of Office", "Delivery Report", "delivery report", NULL};
    struct text words = trimmed(text);
    if (words.length > 0 && holds_one_of(words, automatic)) {
        return SMS_AUTOMATIC;
    }
    return is_one_of(words, yes) ? SMS_YES : is_one_of(words, no) ? SMS_NO : SMS_WORDS;
}

/* ---- codes ---- */

static bool strip(struct text *text, const char *const *words) {
    for (; *words; words++) {
        uint32_t length = (uint32_t)strlen(*words);
        if (text->length >= length && memcmp(text->data, *words, length) == 0) {
            *text = (struct text){text->data + length, text->length - length};
            return true;
        }
    }
    return false;
}

static bool begins(struct text text, const char *const *words) {
    return strip(&text, words);
}

static const char *const separators[] = {" ",  "\t", "\r", "\n", "　", "，", ",",  "。", ".", "：", ":", "、",
                                         "；", ";",  "！", "!",  "“",  "”",  "\"", "#",  "+", "-",  NULL};

/* A digit, also a wide one (U+FF10 to U+FF19): 0 to 9, or -1. */
static int take_digit(struct text *text) {
    const uint8_t *bytes = (const uint8_t *)text->data;
    int digit = -1;
    uint32_t length = 1;
    if (text->length >= 1 && bytes[0] >= '0' && bytes[0] <= '9') {
        digit = bytes[0] - '0';
    } else if (text->length >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBC && bytes[2] >= 0x90 && bytes[2] <= 0x99) {
        digit = bytes[2] - 0x90;
        length = 3;
    }
    *text = digit < 0 ? *text : (struct text){text->data + length, text->length - length};
    return digit;
}

/* "2026-05-03", "1200人", "1500米": what stands right behind the digits says that they count something. */
static bool counts_something(struct text behind) {
    static const char *const marks[] = {"-", "/", ".", ":", "：", NULL};
    static const char *const units[] = {"年", "人", "名", "位", "户", "份", "处", "个", "吨", "条",
                                        "张", "件", "次", "辆", "车", "袋", "平", "米", "余", "多",
                                        "分", "小", "元", "斤", "公", "台", "场", NULL};
    if (begins(behind, units)) {
        return true;
    }
    return strip(&behind, marks) && take_digit(&behind) >= 0;
}

bool sms_code_of(struct text text, struct sms_code *code) {
    static const char *const leads[] = {"回复", "答复", "确认", "编号", NULL};
    static const char *const yes[] = {"确认", "收到", "已收到", "是", "好", "好的", "知道了", "1", "ok", "OK", NULL};
    struct text rest = trimmed(text);
    bool led = strip(&rest, leads);
    while (strip(&rest, separators)) {
    }
    *code = (struct sms_code){0};
    for (int digit; (digit = take_digit(&rest)) >= 0 && code->digits < 5; code->digits++) {
        code->number = code->number * 10 + digit;
    }
    if ((code->digits != 3 && code->digits != 4) || code->number < 100 || counts_something(rest)) {
        return false;
    }
    while (strip(&rest, separators)) {
    }
    rest = trimmed(rest);
    code->words = is_one_of(rest, yes) ? text_of("") : rest;
    code->bare = led || code->words.length == 0;
    return code->digits == 4 || code->words.length == 0;
}

bool sms_is_report(const struct draft *draft) {
    return draft->event.body->report.programmes.count > 0;
}

/* ---- the echo ---- */

static void put_text(struct buffer *out, struct text text) {
    buffer_append(out, text.data, text.length);
}

/* A day is told as it will be kept; everything else in the sender's own words. */
static void put_piece(struct buffer *out, const struct draft *draft, const struct draft_piece *piece) {
    char day[DATE_TEXT_SIZE];
    put_text(out, piece->words);
    if (strcmp(piece->field, "date") == 0) {
        day_format(draft->event.body->report.date, day);
        buffer_append_string(out, "＝");
        buffer_append_string(out, day);
    }
}

static void put_understood(struct buffer *out, const struct draft *draft, struct text squad) {
    put_text(out, squad);
    for (uint32_t i = 0; i < draft->understood_count; i++) {
        if (strcmp(draft->understood[i].field, "unit") != 0 && strcmp(draft->understood[i].field, "date_end") != 0) {
            buffer_append_string(out, out->length > 0 ? "，" : "");
            put_piece(out, draft, &draft->understood[i]);
        }
    }
}

static void put_unknown(struct buffer *out, const struct draft *draft) {
    buffer_append_string(out, draft->unknown_count > 0 ? "没看懂：" : "");
    for (uint32_t i = 0; i < draft->unknown_count; i++) {
        buffer_append_string(out, i > 0 ? "、" : "");
        put_text(out, draft->unknown[i]);
    }
    buffer_append_string(out, draft->unknown_count > 0 ? "（不会记入）。" : "");
}

static void put_faults(struct buffer *out, const struct draft *draft) {
    buffer_append_string(out, "还不能提交，请补正后重新发送：");
    for (uint32_t i = 0; i < draft->faults.count; i++) {
        char text[ERROR_TEXT_MAX];
        fault_render(&draft->faults.items[i], LANGUAGE_ZH, text, sizeof text);
        buffer_append_string(out, i > 0 ? "；" : "");
        buffer_append_string(out, text);
    }
    buffer_append_string(out, "。");
}

static void put_way(struct buffer *out, int64_t code) {
    char way[60];
    snprintf(way, sizeof way, "回复 %" PRId64 " 确认，回复 0 取消。", code > 0 ? code : 1);
    buffer_append_string(out, way);
}

static void put_end(struct buffer *out, const struct draft *draft, int64_t code) {
    if (faults_any(&draft->faults)) {
        put_faults(out, draft);
    } else {
        put_way(out, code);
    }
}

void sms_compose(struct buffer *body, struct text signature, struct buffer *out) {
    out->failed = out->failed || body->failed;
    compose_sms(signature, (struct text){0}, (struct text){(const char *)body->data, (uint32_t)body->length}, out);
    buffer_free(body);
}

static bool fits(const struct buffer *out) {
    return sms_parts(sms_units((struct text){(const char *)out->data, (uint32_t)out->length})) <= SMS_PARTS_MAX;
}

/* In counts, where the words themselves are too many for an SMS. */
static void echo_counts(const struct draft *draft, struct text squad, int64_t code, struct text signature,
                        struct buffer *out) {
    struct buffer body = {0};
    char counts[120];
    put_text(&body, squad);
    snprintf(counts, sizeof counts, "收到，内容较长：看懂 %u 处，没看懂 %u 处（不会记入），短信列不下。",
             draft->understood_count, draft->unknown_count);
    buffer_append_string(&body, counts);
    if (faults_any(&draft->faults)) {
        buffer_append_string(&body, "还不能提交，请写短些重新发送。");
    } else {
        put_way(&body, code);
    }
    buffer_clear(out);
    sms_compose(&body, signature, out);
}

void sms_echo(const struct draft *draft, struct text squad, int64_t code, struct text signature, struct buffer *out) {
    struct buffer body = {0};
    struct buffer understood = {0};
    put_understood(&understood, draft, squad);
    buffer_append_string(&body, "收到：");
    buffer_append(&body, understood.data, understood.length);
    buffer_append_string(&body, "。");
    body.failed = body.failed || understood.failed;
    buffer_free(&understood);
    put_unknown(&body, draft);
    put_end(&body, draft, code);
    sms_compose(&body, signature, out);
    if (!out->failed && !fits(out)) {
        echo_counts(draft, squad, code, signature, out);
    }
}

void sms_sentence(const char *sentence, struct text signature, struct buffer *out) {
    compose_sms(signature, (struct text){0}, text_of(sentence), out);
}

#define TITLE_CHARACTERS 16

void sms_put_title(struct text title, struct buffer *out) {
    uint32_t length = 0;
    for (uint32_t characters = 0; length < title.length; length++) {
        bool first = ((uint8_t)title.data[length] & 0xC0) != 0x80;
        if (first && characters++ == TITLE_CHARACTERS) {
            break;
        }
    }
    buffer_append(out, title.data, length);
    buffer_append_string(out, length < title.length ? "…" : "");
}
