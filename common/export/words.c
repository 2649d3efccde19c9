/* Quantities and codes as words. */
#include "common/export/words.h"

#include "common/export/sheet.h"
#include "proto/programme.h"

#define THOUSAND 1000
#define HALF_HOUR 30

void words_quantity(struct buffer *out, const struct quantity *quantity) {
    static const char *const before[APPROX_COUNT] = {
        [APPROX_EXACT] = "", [APPROX_AT_LEAST] = "超", [APPROX_BELOW] = "近", [APPROX_ABOUT] = "约"};
    bool behind = quantity->approx == APPROX_AT_LEAST && quantity->thousandths % THOUSAND == 0;
    const char *mark = behind ? "余" : before[quantity->approx];
    char number[SHEET_THOUSANDTHS_SIZE];
    size_t length = sheet_format_thousandths(quantity->thousandths, number);
    buffer_append(out, mark, behind ? 0 : strlen(mark));
    buffer_append(out, number, length);
    buffer_append(out, mark, behind ? strlen(mark) : 0);
    buffer_append(out, quantity->unit.data, quantity->unit.length);
}

void words_minutes(struct buffer *out, int64_t minutes, enum approx approx) {
    bool hours = minutes % HALF_HOUR == 0;
    const struct quantity quantity = {.thousandths = hours ? minutes / HALF_HOUR * (THOUSAND / 2) : minutes * THOUSAND,
                                      .approx = approx,
                                      .unit = text_of(hours ? "小时" : "分钟")};
    words_quantity(out, &quantity);
}

struct text words_programme(struct text code) {
    int programme = programme_find(code);
    return programme < 0 ? code : text_of(programme_chinese((enum programme)programme));
}
