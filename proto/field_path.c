/* Field paths as text. */
#include "proto/field_path.h"

#include <stdio.h>

size_t field_path_format(const struct field_path *path, char *out, size_t size) {
    out[0] = '\0';
    if (!path) {
        return 0;
    }
    size_t used = field_path_format(path->above, out, size);
    int added;
    if (path->name) {
        added = snprintf(out + used, size - used, "%s%s", used > 0 ? "." : "", path->name);
    } else {
        added = snprintf(out + used, size - used, "[%u]", path->index);
    }
    size_t length = used + (added > 0 ? (size_t)added : 0);
    return length < size ? length : size - 1;
}
