#include "game_server/ws_peer.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

static bool address_parse(const char *text, int *family, uint8_t address[16])
{
    *family = strchr(text, ':') == NULL ? AF_INET : AF_INET6;
    return inet_pton(*family, text, address) == 1;
}

/* "10.0.0.0/8" or "10.1.2.3". */
static bool range_parse(struct ws_proxy_range *range, char *text)
{
    char *slash = strchr(text, '/');
    if (slash != NULL) *slash = '\0';
    if (!address_parse(text, &range->family, range->address)) return false;
    unsigned bits_max = range->family == AF_INET ? 32 : 128;
    range->bits = bits_max;
    if (slash == NULL) return true;
    char *end;
    unsigned long bits = strtoul(slash + 1, &end, 10);
    if (slash[1] < '0' || slash[1] > '9' || *end != '\0' || bits > bits_max) return false;
    range->bits = (unsigned)bits;
    return true;
}

/* Copies the trimmed text between two places; false when it is empty or does not fit. */
static bool entry_copy(char *to, size_t capacity, const char *start, const char *end)
{
    while (start < end && (*start == ' ' || *start == '\t')) start++;
    while (end > start && (end[-1] == ' ' || end[-1] == '\t')) end--;
    size_t length = (size_t)(end - start);
    if (length == 0 || length >= capacity) return false;
    memcpy(to, start, length);
    to[length] = '\0';
    return true;
}

bool ws_proxies_parse(struct ws_proxies *proxies, const char *text)
{
    proxies->count = 0;
    while (text != NULL && *text != '\0') {
        char entry[WS_PEER_IP_BYTES + 4];
        const char *end = text + strcspn(text, ",");
        if (proxies->count == WS_PROXY_RANGES_MAX) return false;
        if (!entry_copy(entry, sizeof(entry), text, end)) return false;
        if (!range_parse(&proxies->ranges[proxies->count++], entry)) return false;
        text = *end == ',' ? end + 1 : end;
    }
    return true;
}

static bool range_contains(const struct ws_proxy_range *range, int family, const uint8_t address[16])
{
    if (range->family != family) return false;
    size_t whole = range->bits / 8;
    if (memcmp(range->address, address, whole) != 0) return false;
    unsigned rest = range->bits % 8;
    return rest == 0 || (range->address[whole] ^ address[whole]) >> (8 - rest) == 0;
}

bool ws_proxies_trust(const struct ws_proxies *proxies, const char *ip)
{
    int family;
    uint8_t address[16];
    if (proxies->count == 0 || !address_parse(ip, &family, address)) return false;
    for (size_t i = 0; i < proxies->count; i++) {
        if (range_contains(&proxies->ranges[i], family, address)) return true;
    }
    return false;
}

void ws_peer_resolve(const struct ws_proxies *proxies, const char *forwarded, char ip[WS_PEER_IP_BYTES])
{
    const char *end = forwarded + strlen(forwarded);
    while (ws_proxies_trust(proxies, ip) && end > forwarded) {
        const char *start = end;
        while (start > forwarded && start[-1] != ',') start--;
        char entry[WS_PEER_IP_BYTES];
        int family;
        uint8_t address[16];
        if (!entry_copy(entry, sizeof(entry), start, end) || !address_parse(entry, &family, address)) return;
        memcpy(ip, entry, sizeof(entry));
        end = start > forwarded ? start - 1 : forwarded;
    }
}

void ws_peer_network(const char *ip, char network[WS_PEER_NETWORK_BYTES])
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    int family;
    uint8_t address[16] = {0};
    memset(network, 0, WS_PEER_NETWORK_BYTES);
    if (!address_parse(ip, &family, address)) return;
    bool is_mapped = family == AF_INET6 && memcmp(address, mapped, sizeof mapped) == 0;
    if (family == AF_INET || is_mapped) {
        network[0] = 4;
        memcpy(network + 1, is_mapped ? address + 12 : address, 4);
    } else {
        network[0] = 6;
        memcpy(network + 1, address, 8);
    }
}
