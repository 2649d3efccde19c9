/* chaoxun-reference: prints what is generated from the tables.
 *
 *     chaoxun-reference reference > proto/REFERENCE.md
 *     chaoxun-reference openapi
 *     chaoxun-reference events > proto/vectors/events.json
 *     chaoxun-reference messages > proto/vectors/messages.json
 *     chaoxun-reference hostile > proto/vectors/hostile.json
 */
#include <stdio.h>
#include <string.h>

#include "proto/openapi.h"
#include "proto/reference.h"
#include "proto/vectors.h"

static int print_json(json_t *json) {
    int result = json ? json_dumpf(json, stdout, JSON_INDENT(1)) : -1;
    json_decref(json);
    return result == 0 && putchar('\n') != EOF ? 0 : 1;
}

int main(int argc, char **argv) {
    const char *what = argc == 2 ? argv[1] : "";
    if (strcmp(what, "reference") == 0) {
        return reference_write(stdout) == 0 ? 0 : 1;
    }
    if (strcmp(what, "openapi") == 0) {
        return print_json(openapi_document());
    }
    if (strcmp(what, "events") == 0) {
        return print_json(vectors_events());
    }
    if (strcmp(what, "messages") == 0) {
        return print_json(vectors_messages());
    }
    if (strcmp(what, "hostile") == 0) {
        return print_json(vectors_hostile());
    }
    fprintf(stderr, "usage: chaoxun-reference reference|openapi|events|messages|hostile\n");
    return 2;
}
