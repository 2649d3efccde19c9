/* One event whose body is the JSON object on standard input: particulars of people, which are never arguments, because
 * others can see the words of a command line. */
#pragma once

#include "proto/json.h"
#include "services/chaoxun/receipts.h"

struct particulars {
    enum event_type type;
    bool nothing_read;                                                 /* the command line says all */
    void (*complete)(json_t *document, const struct options *options); /* what the command line adds; may be NULL */
    bool tells_id; /* the event's id is printed behind its receipt */
};

/* Reads the object, hands in the event for the unit of --unit, which is needed, and prints the receipt; every fault of
 * a field is told. Blocks until standard input ends and intake answers. Returns the exit status. */
int particulars_submit(const struct options *options, const struct particulars *particulars);
