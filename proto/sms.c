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
