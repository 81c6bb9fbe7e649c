#include "game_server/ws_peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void ranges_contain_what_they_say(void **state)
{
    (void)state;
    struct ws_proxies proxies;
    assert_true(ws_proxies_parse(&proxies, "10.0.0.0/8, 192.0.2.128/25,203.0.113.7 ,2001:db8::/33,::1"));
    static const struct {
        const char *ip;
        bool trusted;
    } rows[] = {
        {"10.0.0.0", true},
        {"10.255.255.255", true},
        {"11.0.0.0", false},
        {"9.255.255.255", false},
        {"192.0.2.128", true},
        {"192.0.2.255", true},
        {"192.0.2.127", false},
        {"192.0.3.128", false},
        {"203.0.113.7", true},
        {"203.0.113.6", false},
        {"2001:db8:7fff::1", true},
        {"2001:db8:8000::1", false},
        {"::1", true},
        {"::2", false},
        {"", false},
        {"10.0.0", false},
        {"name", false},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        if (ws_proxies_trust(&proxies, rows[i].ip) != rows[i].trusted) fail_msg("wrong about %s", rows[i].ip);
    }
    assert_true(ws_proxies_parse(&proxies, "0.0.0.0/0"));
    assert_true(ws_proxies_trust(&proxies, "255.1.2.3"));
    assert_false(ws_proxies_trust(&proxies, "::1"));
}

static void wrong_lists_are_refused(void **state)
{
    (void)state;
    static const char *const lists[] = {
        "10.0.0.0/33",
        "10.0.0.0/",
        "10.0.0.0/-1",
        "10.0.0.0/8x",
        "::/129",
        "localhost",
        " ",
        "10.0.0.1,,10.0.0.2",
        "::1,::1,::1,::1,::1,::1,::1,::1,::1,::1,::1,::1,::1,::1,::1,::1,::1",
    };
    struct ws_proxies proxies;
    for (size_t i = 0; i < ARRAY_LENGTH(lists); i++) {
        if (ws_proxies_parse(&proxies, lists[i])) fail_msg("accepted %s", lists[i]);
    }
    assert_true(ws_proxies_parse(&proxies, NULL));
    assert_true(ws_proxies_parse(&proxies, ""));
    assert_false(ws_proxies_trust(&proxies, "127.0.0.1"));
}

static void the_client_is_the_first_stranger_from_the_right(void **state)
{
    (void)state;
    static const struct {
        const char *peer, *forwarded, *client;
    } rows[] = {
        {"198.51.100.1", "203.0.113.9", "198.51.100.1"},
        {"10.0.0.1", "", "10.0.0.1"},
        {"10.0.0.1", "203.0.113.9", "203.0.113.9"},
        {"10.0.0.1", "1.1.1.1, 203.0.113.9", "203.0.113.9"},
        {"10.0.0.1", "1.1.1.1, 203.0.113.9,10.0.0.2", "203.0.113.9"},
        {"10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"},
        {"10.0.0.1", "nonsense, 10.0.0.2", "10.0.0.2"},
        {"10.0.0.1", "203.0.113.9:8080", "10.0.0.1"},
        {"10.0.0.1", "203.0.113.9,", "10.0.0.1"},
        {"10.0.0.1", ",,,,", "10.0.0.1"},
        {"10.0.0.1", "2001:db8::9", "2001:db8::9"},
    };
    struct ws_proxies proxies;
    assert_true(ws_proxies_parse(&proxies, "10.0.0.0/8"));
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        char ip[WS_PEER_IP_BYTES];
        text_copy(ip, sizeof(ip), rows[i].peer);
        ws_peer_resolve(&proxies, rows[i].forwarded, ip);
        assert_string_equal(ip, rows[i].client);
    }
}

static void a_network_is_an_ipv4_address_or_half_an_ipv6_one(void **state)
{
    (void)state;
    static const struct {
        const char *one, *other;
        bool same;
    } rows[] = {
        {"192.0.2.1", "192.0.2.1", true},
        {"192.0.2.1", "192.0.2.2", false},
        {"192.0.2.1", "::ffff:192.0.2.1", true},
        {"::ffff:192.0.2.1", "::ffff:192.0.2.2", false},
        {"2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true},
        {"2001:db8:1:2::1", "2001:db8:1:3::1", false},
        {"::1", "0.0.0.0", false},
        {"", "nonsense", true},
        {"", "0.0.0.0", false},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        char one[WS_PEER_NETWORK_BYTES], other[WS_PEER_NETWORK_BYTES];
        ws_peer_network(rows[i].one, one);
        ws_peer_network(rows[i].other, other);
        if ((memcmp(one, other, sizeof one) == 0) != rows[i].same)
            fail_msg("%s and %s", rows[i].one, rows[i].other);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_contain_what_they_say),
        cmocka_unit_test(wrong_lists_are_refused),
        cmocka_unit_test(the_client_is_the_first_stranger_from_the_right),
        cmocka_unit_test(a_network_is_an_ipv4_address_or_half_an_ipv6_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
