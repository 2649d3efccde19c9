/* Receipts to bytes: one is encoded, those that follow it are copied with another id and seq. */
#include <endian.h>

#include "proto/encode.h"

#define RECEIPT_BIT(name) (UINT64_C(1) << FIELD_receipt_##name)
#define ID_AND_SEQ (RECEIPT_BIT(id) | RECEIPT_BIT(seq))

/* Where the receipt encoded last stands in the buffer. */
struct pattern {
    const struct wire_receipt *receipt; /* NULL: none can be copied */
    size_t begin;
    size_t length;
    size_t id;  /* offsets of the values, from `begin` */
    size_t seq; /* behind its first byte */
    unsigned seq_width;
};

/* Bytes of a number from 0 on behind the byte that says its form. */
static unsigned width_of(int64_t number) {
    return number <= 0x7F ? 0 : number <= UINT8_MAX ? 1 : number <= UINT16_MAX ? 2 : number <= UINT32_MAX ? 4 : 8;
}

static bool same_text(struct text a, struct text b) {
    return a.data == b.data && a.length == b.length;
}

static bool is_like(const struct pattern *pattern, const struct wire_receipt *receipt) {
    const struct wire_receipt *before = pattern->receipt;
    return before && before->present == receipt->present && before->status == receipt->status &&
           same_text(before->position, receipt->position) && same_text(before->durability, receipt->durability) &&
           width_of(receipt->seq) == pattern->seq_width;
}

/* Of receipts with faults or times each is its own; a seq within one byte is too. */
static bool can_be_copied(const struct wire_receipt *receipt) {
    const uint64_t others = RECEIPT_BIT(status) | RECEIPT_BIT(position) | RECEIPT_BIT(durability);
    return (receipt->present & ID_AND_SEQ) == ID_AND_SEQ && (receipt->present & ~(ID_AND_SEQ | others)) == 0 &&
           receipt->seq > 0x7F;
}

static void encode_one(msgpack_packer *packer, const struct wire_receipt *receipt, struct buffer *out,
                       struct pattern *pattern) {
    const struct shape *shape = shape_of(SHAPE_receipt);
    *pattern = (struct pattern){.begin = out->length, .seq_width = width_of(receipt->seq)};
    msgpack_pack_map(packer, encode_count(UINT64_MAX, receipt));
    encode_fields(packer, shape, RECEIPT_BIT(id), receipt);
    pattern->id = out->length - pattern->begin - ID_BYTES;
    encode_fields(packer, shape, RECEIPT_BIT(status) | RECEIPT_BIT(seq), receipt);
    pattern->seq = out->length - pattern->begin - pattern->seq_width;
    encode_fields(packer, shape, ~(ID_AND_SEQ | RECEIPT_BIT(status)), receipt);
    pattern->length = out->length - pattern->begin;
    pattern->receipt = can_be_copied(receipt) && !out->failed ? receipt : NULL;
}

static void copy_one(const struct wire_receipt *receipt, struct buffer *out, const struct pattern *pattern) {
    uint8_t *copy = buffer_extend(out, pattern->length);
    if (copy) {
        uint64_t seq = htobe64((uint64_t)receipt->seq << (64 - 8 * pattern->seq_width));
        memcpy(copy, out->data + pattern->begin, pattern->length);
        memcpy(copy + pattern->id, receipt->id.bytes, ID_BYTES);
        memcpy(copy + pattern->seq, &seq, pattern->seq_width);
    }
}

int codec_encode_receipts(const struct wire_receipt *receipts, uint32_t count, struct buffer *out) {
    msgpack_packer packer = encode_packer(out);
    struct pattern pattern = {0};
    const struct field *field = &shape_of(SHAPE_receipts)->fields[FIELD_receipts_receipts];
    msgpack_pack_map(&packer, 1);
    encode_text(&packer, (struct text){field->name, field->name_length});
    msgpack_pack_array(&packer, count);
    for (uint32_t i = 0; i < count; i++) {
        if (is_like(&pattern, &receipts[i])) {
            copy_one(&receipts[i], out, &pattern);
        } else {
            encode_one(&packer, &receipts[i], out, &pattern);
        }
    }
    return out->failed ? -ERR_NO_MEMORY : 0;
}
