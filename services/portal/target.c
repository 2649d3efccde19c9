/* The target of a request: splitting and percent-decoding. */
#include "services/portal/target.h"

#include "services/portal/problem.h"

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* One byte of `raw` at `*at`, decoded (in values '+' is a space); -1 when the escape is broken. */
static int decode_byte(struct text raw, uint32_t *at, bool value) {
    char c = raw.data[(*at)++];
    if (c == '+' && value) {
        return ' ';
    }
    if (c != '%') {
        return (unsigned char)c;
    }
    if (raw.length - *at < 2) {
        return -1;
    }
    int high = hex_digit(raw.data[*at]);
    int low = hex_digit(raw.data[*at + 1]);
    *at += 2;
    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

/* The length of the printable character at the start of `text`; 0 when there is none. */
static uint32_t printable_at(struct text text) {
    for (uint32_t length = 1; length <= 4 && length <= text.length; length++) {
        struct text_facts facts = text_examine((struct text){text.data, length});
        if (facts.valid) {
            return facts.controls || facts.line_controls ? 0 : length;
        }
    }
    return 0;
}

static void make_printable(char *data, uint32_t length) {
    for (uint32_t at = 0; at < length;) {
        uint32_t step = printable_at((struct text){data + at, length - at});
        if (step == 0) {
            data[at] = '?';
            step = 1;
        }
        at += step;
    }
}

/* How the texts of a target are read. */
struct decoding {
    struct arena *arena;
    bool foreign; /* values are made printable, not refused */
};

static int decode(const struct decoding *decoding, struct text raw, bool value, const char *field, struct text *out,
                  struct error *error) {
    char *data = arena_copy(decoding->arena, raw.data, raw.length);
    if (!data) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    uint32_t length = 0;
    for (uint32_t at = 0; at < raw.length;) {
        int byte = decode_byte(raw, &at, value);
        if (byte < 0) {
            return problem_error(error, ERR_BAD_QUERY, field, "percent-encoded", raw);
        }
        data[length++] = (char)byte;
    }
    data[length] = '\0';
    if (value && decoding->foreign) {
        make_printable(data, length);
    }
    *out = (struct text){data, length};
    struct text_facts facts = text_examine(*out);
    if (!facts.valid) {
        return problem_error(error, ERR_BAD_UTF8, field, "", raw);
    }
    if (facts.controls || facts.line_controls) {
        return problem_error(error, ERR_BAD_QUERY, field, "without control characters", raw);
    }
    return 0;
}

/* Cuts `text` at the first `separator`: what stands before it is returned, the rest stays in `*text`. */
static struct text cut(struct text *text, char separator, bool *found) {
    const char *at = text->length ? memchr(text->data, separator, text->length) : NULL;
    *found = at != NULL;
    struct text before = *text;
    if (at) {
        before.length = (uint32_t)(at - text->data);
        *text = (struct text){at + 1, text->length - before.length - 1};
    } else {
        *text = (struct text){text->data + text->length, 0};
    }
    return before;
}

static int add_parameter(const struct decoding *decoding, struct text raw, struct target *target, struct error *error) {
    if (target->count == TARGET_PARAMETERS_MAX) {
        return error_set(error, ERR_TOO_MANY,
                         (struct error_words){.field = "query", .value = "more", .limit = "16 parameters"});
    }
    struct parameter *parameter = &target->parameters[target->count];
    bool found;
    struct text value = raw;
    struct text name = cut(&value, '=', &found);
    int result = decode(decoding, name, true, "query", &parameter->name, error);
    if (result == 0) {
        result = decode(decoding, value, true, parameter->name.data, &parameter->value, error);
    }
    if (result < 0) {
        return result;
    }
    if (target_value(target, parameter->name.data).data) {
        return problem_error(error, ERR_DUPLICATE_KEY, parameter->name.data, "", parameter->value);
    }
    target->count++;
    return 0;
}

/* A proxy's absolute form (http://host/path) is cut down to the path. */
static struct text without_authority(struct text raw) {
    bool found;
    struct text rest = raw;
    struct text scheme = cut(&rest, ':', &found);
    bool absolute = found && (text_equal(scheme, text_of("http")) || text_equal(scheme, text_of("https"))) &&
                    rest.length >= 2 && memcmp(rest.data, "//", 2) == 0;
    if (!absolute) {
        return raw;
    }
    rest = (struct text){rest.data + 2, rest.length - 2};
    const char *slash = rest.length ? memchr(rest.data, '/', rest.length) : NULL;
    return slash ? (struct text){slash, rest.length - (uint32_t)(slash - rest.data)} : text_of("/");
}

static int parse(const struct decoding *decoding, struct text raw, struct target *target, struct error *error) {
    *target = (struct target){.arena = decoding->arena};
    bool found;
    struct text query = without_authority(raw);
    struct text path = cut(&query, '?', &found);
    int result = decode(decoding, path, false, "path", &target->path, error);
    while (result == 0 && query.length > 0) {
        struct text pair = cut(&query, '&', &found);
        if (pair.length > 0) {
            result = add_parameter(decoding, pair, target, error);
        }
    }
    return result;
}

int target_parse(struct text raw, struct arena *arena, struct target *target, struct error *error) {
    return parse(&(struct decoding){arena, false}, raw, target, error);
}

int target_parse_foreign(struct text raw, struct arena *arena, struct target *target, struct error *error) {
    return parse(&(struct decoding){arena, true}, raw, target, error);
}

struct text target_value(const struct target *target, const char *name) {
    for (uint32_t i = 0; i < target->count; i++) {
        if (text_equal(target->parameters[i].name, text_of(name))) {
            return target->parameters[i].value;
        }
    }
    return (struct text){0};
}

int target_only(const struct target *target, const char *const *known, struct error *error) {
    for (uint32_t i = 0; i < target->count; i++) {
        const char *const *name = known;
        while (*name && !text_equal(target->parameters[i].name, text_of(*name))) {
            name++;
        }
        if (!*name) {
            return problem_error(error, ERR_BAD_QUERY, target->parameters[i].name.data, "a parameter of this address",
                                 target->parameters[i].value);
        }
    }
    return 0;
}

int target_flag(const struct target *target, const char *name, bool *flag, struct error *error) {
    struct text value = target_value(target, name);
    *flag = text_equal(value, text_of("1")) || text_equal(value, text_of("true"));
    if (*flag || !value.data || text_equal(value, text_of("0")) || text_equal(value, text_of("false"))) {
        return 0;
    }
    return problem_error(error, ERR_BAD_QUERY, name, "1 or 0", value);
}
