/* A walk over the outermost keys. */
#include "services/intake/envelope.h"

#include "proto/cursor.h"
#include "proto/event.h"

#define KEYS_MAX 16

bool envelope_id(struct text bytes, struct id *id) {
    struct cursor cursor = cursor_of(bytes);
    struct item map;
    if (cursor_next(&cursor, &map) < 0 || map.kind != ITEM_MAP) {
        return false;
    }
    for (uint32_t i = 0; i < map.count && i < KEYS_MAX; i++) {
        struct item key;
        struct item value;
        if (cursor_next(&cursor, &key) < 0 || key.kind != ITEM_STR) {
            return false;
        }
        if (text_equal(key.bytes, text_of("id"))) {
            bool fits = cursor_next(&cursor, &value) == 0 && value.kind == ITEM_BIN && value.bytes.length == ID_BYTES;
            if (fits) {
                memcpy(id->bytes, value.bytes.data, ID_BYTES);
            }
            return fits;
        }
        if (cursor_skip(&cursor, EVENT_DEPTH_MAX) < 0) {
            return false;
        }
    }
    return false;
}
