/* Stars. */
#include "services/notifier/mask.h"

#include <stdio.h>

#define PHONE_END 4    /* digits that are shown at the end */
#define PHONE_HIDDEN 4 /* before them */
#define PHONE_SHORT_END 2

static void mask_phone(const char *address, char out[MASK_SIZE]) {
    size_t length = strlen(address);
    if (length < PHONE_END + PHONE_HIDDEN) {
        size_t shown = length < PHONE_SHORT_END ? 0 : PHONE_SHORT_END;
        snprintf(out, MASK_SIZE, "****%s", address + length - shown);
        return;
    }
    size_t begin = length - PHONE_END - PHONE_HIDDEN;
    snprintf(out, MASK_SIZE, "%.*s****%s", (int)begin, address, address + length - PHONE_END);
}

/* The first character may be of several bytes. */
static void mask_email(const char *address, char out[MASK_SIZE]) {
    const char *at = strrchr(address, '@');
    size_t first = address[0] != '\0';
    while (first > 0 && ((unsigned char)address[first] & 0xC0) == 0x80) {
        first++;
    }
    snprintf(out, MASK_SIZE, "%.*s***%s", at && at > address ? (int)first : 0, address, at ? at : "");
}

void mask_address(enum channel channel, const char *address, char out[MASK_SIZE]) {
    out[0] = '\0';
    if (address[0] == '\0') {
        return;
    }
    if (channel == CHANNEL_EMAIL) {
        mask_email(address, out);
    } else if (channel == CHANNEL_ROBOT) {
        snprintf(out, MASK_SIZE, "%s", address); /* a name, which is no secret */
    } else {
        mask_phone(address, out);
    }
}
