/* bot_send.h -- what the bot says to the server, one function per message. A client that is NULL or not open
 * is fine: then nothing is said, and the state after the next login tells how to go on. */
#ifndef DUELPOD_BOT_SEND_H
#define DUELPOD_BOT_SEND_H

#include "clients/ws_client.h"

/* The `id` of authenticate, by which a refused login is known. */
#define BOT_AUTHENTICATE_ID 1

void bot_send_authenticate(struct ws_client *client, const char *token, const char *timeline_encoding);
void bot_send_get_state(struct ws_client *client);
void bot_send_enqueue(struct ws_client *client, const char *mode);
void bot_send_dequeue(struct ws_client *client);
void bot_send_loading_complete(struct ws_client *client, const char *match_id);
void bot_send_ack_result(struct ws_client *client, const char *match_id);

#endif
