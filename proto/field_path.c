/* Field paths as text. */
#include "proto/field_path.h"

#include <stdio.h>

/* A name may be a key of a hostile message: a zero byte in it must not hide the rest. */
static size_t append_name(struct text name, char *out, size_t used, size_t size) {
    for (uint32_t i = 0; i < name.length && used + 1 < size; i++) {
        out[used++] = name.data[i] ? name.data[i] : '?';
    }
    out[used] = '\0';
    return used;
}

size_t field_path_format(const struct field_path *path, char *out, size_t size) {
    out[0] = '\0';
    if (!path) {
        return 0;
    }
    size_t used = field_path_format(path->above, out, size);
    if (path->name.data) {
        used = used > 0 ? append_name(text_of("."), out, used, size) : used;
        return append_name(path->name, out, used, size);
    }
    char index[16];
    snprintf(index, sizeof index, "[%u]", path->index);
    return append_name(text_of(index), out, used, size);
}
