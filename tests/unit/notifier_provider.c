/* A provider that follows a script. */
#include "tests/unit/notifier_provider.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>

#define CONTENT_REPLY "354"

/* A connection. */
struct visitor {
    uv_tcp_t socket;
    struct provider *provider;
    const struct provider_script *script;
    struct buffer line; /* what has come of it */
    bool content;
    struct buffer begun; /* all lines, to count how often one came */
    struct visitor *next;
    struct visitor *previous;
};

static void on_closed(uv_handle_t *handle) {
    struct visitor *visitor = handle->data;
    struct provider *provider = visitor->provider;
    *(visitor->previous ? &visitor->previous->next : &provider->first) = visitor->next;
    if (visitor->next) {
        visitor->next->previous = visitor->previous;
    }
    provider->open--;
    buffer_free(&visitor->line);
    buffer_free(&visitor->begun);
    free(visitor);
}

static void hang_up(struct visitor *visitor, bool reset) {
    if (uv_is_closing((uv_handle_t *)&visitor->socket)) {
        return;
    }
    if (!reset || uv_tcp_close_reset(&visitor->socket, on_closed) != 0) {
        uv_close((uv_handle_t *)&visitor->socket, on_closed);
    }
}

static void say(struct visitor *visitor, const char *reply) {
    uv_buf_t piece = uv_buf_init((char *)(uintptr_t)reply, (unsigned)strlen(reply));
    while (piece.len > 0) {
        int written = uv_try_write((uv_stream_t *)&visitor->socket, &piece, 1);
        if (written < 0) {
            return; /* they have gone */
        }
        piece.base += written;
        piece.len -= (size_t)written;
    }
}

static unsigned count(const struct buffer *buffer, const char *words) {
    unsigned found = 0;
    size_t length = strlen(words);
    for (size_t at = 0; at + length <= buffer->length; at++) {
        found += memcmp(buffer->data + at, words, length) == 0;
    }
    return found;
}

static void answer(struct visitor *visitor, const struct provider_row *row) {
    visitor->provider->answered++;
    if (row->reply) {
        visitor->content = strncmp(row->reply, CONTENT_REPLY, strlen(CONTENT_REPLY)) == 0;
        say(visitor, row->reply);
    }
    if (row->then != THEN_STAY) {
        hang_up(visitor, row->then == THEN_RESET);
    }
}

/* A whole line, with its end. */
static void on_line(struct visitor *visitor) {
    struct text line = {(const char *)visitor->line.data, (uint32_t)visitor->line.length};
    if (visitor->content && !text_equal(line, text_of(".\r\n"))) {
        return;
    }
    for (const struct provider_row *row = visitor->script->rows; row->line; row++) {
        char begun[64];
        bool fits = line.length >= strlen(row->line) && memcmp(line.data, row->line, strlen(row->line)) == 0;
        snprintf(begun, sizeof begun, "\x01%s", row->line);
        if (fits && count(&visitor->begun, begun) >= row->skip) {
            buffer_append(&visitor->begun, "\x01", 1);
            buffer_append(&visitor->begun, line.data, line.length);
            answer(visitor, row);
            return;
        }
    }
}

static void on_bytes(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer) {
    struct visitor *visitor = stream->data;
    for (ssize_t i = 0; i < length && !uv_is_closing((uv_handle_t *)stream); i++) {
        buffer_append(&visitor->provider->received, buffer->base + i, 1);
        buffer_append(&visitor->line, buffer->base + i, 1);
        if (buffer->base[i] == '\n') {
            on_line(visitor);
            buffer_clear(&visitor->line);
        }
    }
    if (length < 0) {
        hang_up(visitor, false);
    }
    free(buffer->base);
}

static void give_memory(uv_handle_t *handle, size_t wanted, uv_buf_t *buffer) {
    (void)handle;
    *buffer = uv_buf_init(malloc(wanted), (unsigned)wanted);
}

static void on_visit(uv_stream_t *listener, int status) {
    struct provider *provider = listener->data;
    struct visitor *visitor = calloc(1, sizeof *visitor);
    assert_int_equal(status, 0);
    assert_non_null(visitor);
    unsigned script =
        provider->connections < provider->script_count ? provider->connections : provider->script_count - 1;
    *visitor = (struct visitor){.provider = provider, .script = provider->scripts[script], .next = provider->first};
    uv_tcp_init(provider->loop, &visitor->socket);
    visitor->socket.data = visitor;
    assert_int_equal(uv_accept(listener, (uv_stream_t *)&visitor->socket), 0);
    if (visitor->next) {
        visitor->next->previous = visitor;
    }
    provider->first = visitor;
    provider->connections++;
    provider->open++;
    provider->open_most = provider->open > provider->open_most ? provider->open : provider->open_most;
    if (visitor->script->greeting) {
        say(visitor, visitor->script->greeting);
    }
    if (visitor->script->closes_at_once) {
        hang_up(visitor, false);
    } else {
        uv_read_start((uv_stream_t *)&visitor->socket, give_memory, on_bytes);
    }
}

void provider_open(struct provider *provider, uv_loop_t *loop, const struct provider_script *script) {
    struct sockaddr_in address;
    int length = sizeof address;
    *provider = (struct provider){.loop = loop, .scripts = {script}, .script_count = 1};
    uv_tcp_init(loop, &provider->listener);
    provider->listener.data = provider;
    assert_int_equal(uv_ip4_addr("127.0.0.1", 0, &address), 0);
    assert_int_equal(uv_tcp_bind(&provider->listener, (struct sockaddr *)&address, 0), 0);
    assert_int_equal(uv_listen((uv_stream_t *)&provider->listener, 1000, on_visit), 0);
    assert_int_equal(uv_tcp_getsockname(&provider->listener, (struct sockaddr *)&address, &length), 0);
    provider->port = ntohs(address.sin_port);
}

void provider_close(struct provider *provider) {
    if (!uv_is_closing((uv_handle_t *)&provider->listener)) {
        uv_close((uv_handle_t *)&provider->listener, NULL);
    }
    for (struct visitor *visitor = provider->first; visitor; visitor = visitor->next) {
        hang_up(visitor, false);
    }
}

void provider_free(struct provider *provider) {
    buffer_free(&provider->received);
}

unsigned provider_received(const struct provider *provider, const char *words) {
    return count(&provider->received, words);
}
