/* ws_peer.h -- whose address counts when proxies stand in between.
 *
 * X-Forwarded-For is believed only from a TCP peer that is a trusted proxy, and then read from the right:
 * every proxy appends whom it saw, so the first address from the right that is not a trusted proxy is the
 * client, and whatever stands left of it was written by the client. Pure. */
#ifndef DUELPOD_GAME_SERVER_WS_PEER_H
#define DUELPOD_GAME_SERVER_WS_PEER_H

#include "common/base.h"

#define WS_PEER_IP_BYTES 46 /* INET6_ADDRSTRLEN */
#define WS_PROXY_RANGES_MAX 16
#define WS_PEER_NETWORK_BYTES 9

struct ws_proxies {
    struct ws_proxy_range {
        int family;
        uint8_t address[16];
        unsigned bits;
    } ranges[WS_PROXY_RANGES_MAX];
    size_t count;
};

/* Reads a comma separated list of addresses and ranges ("10.0.0.0/8, ::1"); NULL is the empty list. False
 * when an entry is neither or there are too many. */
bool ws_proxies_parse(struct ws_proxies *proxies, const char *text);

bool ws_proxies_trust(const struct ws_proxies *proxies, const char *ip);

/* Replaces `ip`, the TCP peer, by the client's address when the peer is trusted and `forwarded` (the header's
 * value) names one. Something that is no address ends the search: what was found before it counts. */
void ws_peer_resolve(const struct ws_proxies *proxies, const char *forwarded, char ip[WS_PEER_IP_BYTES]);

/* What one customer of a provider has: the whole of an IPv4 address, or the /64 of an IPv6 one. An IPv4
 * address in IPv6 clothes (::ffff:1.2.3.4) is the IPv4 address; all that is no address is one and the
 * same. */
void ws_peer_network(const char *ip, char network[WS_PEER_NETWORK_BYTES]);

#endif
