/* Lengths of SMS. */
#include "proto/sms.h"

uint32_t sms_units(struct text text) {
    uint32_t units = 0;
    for (uint32_t i = 0; i < text.length; i++) {
        uint8_t byte = (uint8_t)text.data[i];
        /* Each character once, at its first byte; those of four bytes are a surrogate pair. */
        units += (byte & 0xC0) != 0x80;
        units += byte >= 0xF0;
    }
    return units;
}

uint32_t sms_parts(uint32_t units) {
    if (units <= SMS_UNITS_ALONE) {
        return units > 0;
    }
    return (units + SMS_UNITS_PART - 1) / SMS_UNITS_PART;
}

uint32_t sms_pairs(struct text text) {
    uint32_t pairs = 0;
    for (uint32_t i = 0; i < text.length; i++) {
        pairs += (uint8_t)text.data[i] >= 0xF0;
    }
    return pairs;
}

uint32_t sms_spaces(uint32_t pairs) {
    return pairs < SMS_PARTS_MAX - 1 ? pairs : SMS_PARTS_MAX - 1;
}

uint32_t sms_notice_units(struct text title, struct text text) {
    return sms_units(title) + sms_units(text) + sms_spaces(sms_pairs(title) + sms_pairs(text));
}

void sms_lay_out(struct text text, struct buffer *out) {
    uint32_t units = 0;
    bool alone = sms_units(text) <= SMS_UNITS_ALONE;
    for (uint32_t i = 0; i < text.length; i++) {
        bool pair = (uint8_t)text.data[i] >= 0xF0;
        if (pair && !alone && units % SMS_UNITS_PART == SMS_UNITS_PART - 1) {
            buffer_append_string(out, " ");
            units++;
        }
        units += ((uint8_t)text.data[i] & 0xC0) != 0x80;
        units += pair;
        buffer_append(out, &text.data[i], 1);
    }
}
