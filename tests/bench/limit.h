/* The wire of the bare server that is the limit: records in, answers out, both of a fixed size. */
#pragma once

#define LIMIT_RECORD_BYTES 512
#define LIMIT_ANSWER_BYTES 8
