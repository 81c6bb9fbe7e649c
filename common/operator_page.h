/* operator_page.h -- what the operator's pages of both servers share: reading a wish, answering it when Redis has
 * answered, the log level.
 *
 * A body is one small JSON object, read strictly (codec.h). A page that has to ask Redis puts a question:
 *
 *     handler    operator_question_put
 *                operator_question_withdraw    Redis cannot be asked: 503 "too many questions", at once
 *     reply      operator_question_answer, or
 *                operator_question_fail        503 "Redis does not answer"
 *
 * Owned and used by the loop of the admin port: handlers of admin.h, and replies of redis_world.h. */
#ifndef DUELPOD_OPERATOR_PAGE_H
#define DUELPOD_OPERATOR_PAGE_H

#include "common/admin.h"
#include "common/codec.h"
#include "common/redis_reply.h"

/* The object of the body; NULL: it is none, and the request is refused. codec_close() it. */
struct codec_document *operator_page_read(const struct http_request *request, struct http_response *response);

/* POST {"level":"debug"}: debug, info, warning or error, until a reload or the end of the process. 200
 * {"level":"debug"} */
void operator_page_log(const struct http_request *request, struct http_response *response);

/* One request between question and answer. Whoever waits for the reply owns it, until one of the last three. */
struct operator_question;

/* From the handler: the answer comes later. */
struct operator_question *operator_question_put(struct admin *admin, struct http_response *response);

/* Still from the handler: Redis could not be asked. */
void operator_question_withdraw(struct operator_question *question, struct http_response *response);

/* From the reply. Sends the response, whose body is JSON, and releases it. */
void operator_question_answer(struct operator_question *question, struct http_response *response);
void operator_question_fail(struct operator_question *question);

/* Appends `name` as it is, say ",\"score\":", then the reply's integer; 0 when it is none. */
void operator_page_append_integer(struct buffer *out, const char *name, const struct redis_reply *reply);

#endif
