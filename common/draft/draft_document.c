/* A draft as the document that the portal and the command give, and texts as they take them. */
#include <iconv.h>

#include "common/draft/draft.h"
#include "proto/fault_list.h"

static bool fill_pieces(const struct draft *draft, struct arena *arena, struct list *list) {
    struct wire_draft_piece *pieces = arena_alloc(arena, (draft->understood_count + 1) * sizeof *pieces);
    for (uint32_t i = 0; pieces && i < draft->understood_count; i++) {
        const struct draft_piece *piece = &draft->understood[i];
        pieces[i] = (struct wire_draft_piece){.present = shape_of(SHAPE_draft_piece)->required_fields,
                                              .field = text_of(piece->field),
                                              .header = text_of(draft_header(piece->field)),
                                              .words = piece->words};
    }
    *list = (struct list){pieces, draft->understood_count};
    return pieces != NULL;
}

static bool fill_warnings(const struct draft *draft, struct arena *arena, struct list *list) {
    struct text *texts = arena_alloc(arena, (draft->warnings + 1) * sizeof *texts);
    for (uint32_t i = 0; texts && i < draft->warnings; i++) {
        const char *kept = arena_copy(arena, draft->warning[i], strlen(draft->warning[i]));
        if (!kept) {
            return false;
        }
        texts[i] = text_of(kept);
    }
    *list = (struct list){texts, draft->warnings};
    return texts != NULL;
}

json_t *draft_document(const struct draft *draft, struct arena *arena) {
    struct wire_draft_answer answer = {.present = shape_of(SHAPE_draft_answer)->required_fields};
    struct text *unknown = arena_alloc(arena, sizeof draft->unknown);
    if (!unknown || !fill_pieces(draft, arena, &answer.understood) ||
        faults_to_list(&draft->faults, arena, &answer.faults) < 0 || !fill_warnings(draft, arena, &answer.warnings)) {
        return NULL;
    }
    memcpy(unknown, draft->unknown, sizeof draft->unknown);
    answer.unknown = (struct list){unknown, draft->unknown_count};
    json_t *event = json_from_event(&draft->event, true);
    json_t *told = json_from_shape(shape_of(SHAPE_draft_answer), &answer);
    json_t *document = event && told ? json_pack("{s:O, s:O}", "event", event, "draft", told) : NULL;
    json_decref(event);
    json_decref(told);
    return document;
}

/* NULL data when it is no GB18030. */
static struct text from_gb18030(struct text bytes, struct arena *arena) {
    size_t left = (size_t)bytes.length * 3;
    char *begin = arena_alloc(arena, left + 1);
    char *out = begin;
    char *in = (char *)(uintptr_t)bytes.data; /* iconv does not write through it */
    size_t in_left = bytes.length;
    iconv_t convert = begin ? iconv_open("UTF-8", "GB18030") : (iconv_t)-1;
    bool whole = convert != (iconv_t)-1 && iconv(convert, &in, &in_left, &out, &left) != (size_t)-1;
    if (convert != (iconv_t)-1) {
        iconv_close(convert);
    }
    return whole ? (struct text){begin, (uint32_t)(out - begin)} : (struct text){0};
}

int draft_text(struct text bytes, struct arena *arena, struct text *text, struct error *error) {
    static const char mark[] = "\xEF\xBB\xBF";
    bool marked = bytes.length >= sizeof mark - 1 && memcmp(bytes.data, mark, sizeof mark - 1) == 0;
    *text = marked ? (struct text){bytes.data + sizeof mark - 1, bytes.length - (uint32_t)(sizeof mark - 1)} : bytes;
    if (text->length > DRAFT_BYTES_MAX) {
        return error_set(error, ERR_TOO_LONG, (struct error_words){"text", "6000", "more"});
    }
    if (!text_is_utf8(*text)) {
        *text = from_gb18030(bytes, arena);
    }
    return text->data ? 0 : error_set(error, ERR_BAD_FORMAT, (struct error_words){"text", "UTF-8 or GB18030", NULL});
}
