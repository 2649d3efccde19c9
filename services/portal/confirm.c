/* /hooks/confirm/{token}: the link by which a recipient confirms a notice, in an SMS or an e-mail. Open to everyone: the
 * notifier knows its own by their signature.
 *
 * Following it shows a page with one button, for mail servers and telephones follow links by themselves; the button
 * confirms. Again is no fault. Plain pages without a script: what a telephone of any age shows.
 */
#include <stdio.h>

#include "services/portal/answer.h"
#include "services/portal/exchange.h"
#include "services/portal/relay.h"

#define HOOKS_AT_A_TIME 64

#define PAGE_BEGIN \
    "<!doctype html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n" \
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"robots\" " \
    "content=\"noindex\">\n<title>确认通知 · 潮讯</title>\n<link rel=\"icon\" href=\"/assets/favicon.svg\" " \
    "type=\"image/svg+xml\">\n<link rel=\"stylesheet\" href=\"/assets/style.css\">\n</head>\n<body>\n<main " \
    "class=\"page\">\n<section class=\"card\">\n"
#define PAGE_END "</section>\n</main>\n</body>\n</html>\n"

static void show(struct exchange *exchange, int status, const char *title, const char *words, bool button) {
    struct buffer page = {0};
    buffer_append_string(&page, PAGE_BEGIN "<h1>");
    buffer_append_string(&page, title);
    buffer_append_string(&page, "</h1>\n<p>");
    buffer_append_string(&page, words);
    buffer_append_string(&page, "</p>\n");
    buffer_append_string(
        &page, button
                   ? "<form method=\"post\"><p><button class=\"primary\" type=\"submit\">确认收到</button></p></form>\n"
                   : "");
    buffer_append_string(&page, PAGE_END);
    exchange_add_header(exchange, "Cache-Control", "no-store");
    exchange_answer(exchange, status, "text/html; charset=utf-8", &page);
}

static void refused(struct exchange *exchange, const struct error *error) {
    int status = error_http(error->code);
    switch (error->code) {
    case ERR_FORGED:
    case ERR_NOT_FOUND:
        show(exchange, status, "链接无效",
             "这个确认链接不完整或不是本系统发出的，没有作任何更改。请从短信或邮件里重新点开，或联系大队办公室。",
             false);
        break;
    case ERR_LINK_EXPIRED:
        show(exchange, status, "链接已过期",
             "确认的时间已经过了，没有作任何更改。请登录系统查看通知，或联系大队办公室。", false);
        break;
    case ERR_ALREADY:
        show(exchange, status, "通知已撤回", "办公室已撤回这条通知，不用再办，也不用确认。", false);
        break;
    default:
        if (status >= 500) {
            show(exchange, status, "暂时没有记下", "系统正忙或正在维护，请过一会儿再点一次。", true);
        } else { /* the journal refuses it for good */
            show(exchange, status, "没有记下", "系统没有接受这次确认，再点也一样。请打电话告诉大队办公室。", false);
        }
        break;
    }
}

static void confirmed(const struct call_result *result, void *data) {
    struct exchange *exchange = data;
    exchange->portal->hooks_asked--;
    if (result->error.code == ERR_TIMED_OUT) {
        struct error error;
        error_set(&error, ERR_UNAVAILABLE, (struct error_words){.value = "notifier"});
        refused(exchange, &error);
    } else if (result->error.code != ERR_OK) {
        refused(exchange, &result->error);
    } else {
        show(exchange, 200, "已确认", "已记下您确认收到这条通知。再点一次也没关系，不会重复记录。", false);
    }
}

void route_hook_confirm_page(struct exchange *exchange) {
    show(exchange, 200, "确认通知", "请点下面的按钮，告诉大队办公室您已收到并看过这条通知。", true);
}

void route_hook_confirm(struct exchange *exchange) {
    struct wire_confirm_link link = {.token = exchange->segment};
    struct error error;
    wire_set(&link.present, FIELD_confirm_link_token);
    if (link.token.length == 0 || link.token.length > shape_of(SHAPE_confirm_link)->fields[0].max) {
        error_set(&error, ERR_FORGED, (struct error_words){.field = "link"});
        refused(exchange, &error);
    } else if (exchange->portal->hooks_asked >= HOOKS_AT_A_TIME) {
        error_set(&error, ERR_BUSY, (struct error_words){.limit = "1000"});
        refused(exchange, &error);
    } else {
        exchange->portal->hooks_asked++;
        relay_send(exchange, exchange->portal->outbox, "confirm", SHAPE_confirm_link, &link, confirmed, exchange);
    }
}
