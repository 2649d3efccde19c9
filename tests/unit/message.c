/* JSON to MessagePack without any shape. */
#include "tests/unit/message.h"

#include <assert.h>
#include <jansson.h>
#include <msgpack.h>
#include <sodium.h>

static int write_to_buffer(void *data, const char *bytes, size_t length) {
    buffer_append(data, bytes, length);
    return 0;
}

static void pack_bytes(msgpack_packer *packer, const char *hex) {
    unsigned char bytes[1024];
    size_t length;
    int result = sodium_hex2bin(bytes, sizeof bytes, hex, strlen(hex), NULL, &length, NULL);
    assert(result == 0);
    msgpack_pack_bin(packer, length);
    msgpack_pack_bin_body(packer, bytes, length);
}

static void pack_string(msgpack_packer *packer, const char *text, size_t length) {
    if (strncmp(text, "hex:", 4) == 0) {
        pack_bytes(packer, text + 4);
        return;
    }
    msgpack_pack_str(packer, length);
    msgpack_pack_str_body(packer, text, length);
}

static void pack(msgpack_packer *packer, json_t *json) {
    const char *key;
    json_t *value;
    size_t index;
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        msgpack_pack_map(packer, json_object_size(json));
        json_object_foreach(json, key, value) {
            pack_string(packer, key, strlen(key));
            pack(packer, value);
        }
        break;
    case JSON_ARRAY:
        msgpack_pack_array(packer, json_array_size(json));
        json_array_foreach(json, index, value) {
            pack(packer, value);
        }
        break;
    case JSON_STRING:
        pack_string(packer, json_string_value(json), json_string_length(json));
        break;
    case JSON_INTEGER:
        msgpack_pack_int64(packer, json_integer_value(json));
        break;
    case JSON_REAL:
        msgpack_pack_double(packer, json_real_value(json));
        break;
    case JSON_NULL:
        msgpack_pack_nil(packer);
        break;
    default:
        json_is_true(json) ? msgpack_pack_true(packer) : msgpack_pack_false(packer);
        break;
    }
}

void message_from_json(const char *text, struct buffer *out) {
    json_error_t error;
    json_t *json = json_loads(text, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &error);
    assert(json);
    msgpack_packer packer;
    msgpack_packer_init(&packer, out, write_to_buffer);
    pack(&packer, json);
    json_decref(json);
}
