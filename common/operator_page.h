/* operator_page.h -- what the operator's pages of both servers share: reading a wish, the log level.
 *
 * A body is one small JSON object, read strictly (codec.h). Main thread: handlers of admin.h. */
#ifndef DUELPOD_OPERATOR_PAGE_H
#define DUELPOD_OPERATOR_PAGE_H

#include "common/admin.h"
#include "common/codec.h"

/* The object of the body; NULL: it is none, and the request is refused. codec_close() it. */
struct codec_document *operator_page_read(const struct http_request *request, struct http_response *response);

/* POST {"level":"debug"}: debug, info, warning or error, until a reload or the end of the process. 200 {"level":"debug"} */
void operator_page_log(const struct http_request *request, struct http_response *response);

#endif
