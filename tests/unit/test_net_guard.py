"""Which addresses may be talked to: everything that is not known to be public is refused.

Fails for each range that is taken out of ``guard``, if all of IPv6 is allowed or what is mapped into it not looked at,
and if a user name, an unusual port or a host that ends in a number is let through."""

from ipaddress import ip_address, ip_network

import pytest

from federation.errors import Refused
from federation.net.guard import Policy, check_url, is_public_address, may_dial

NOT_PUBLIC = [
    # this network, loopback, link-local (cloud metadata), private
    "0.0.0.0", "0.0.0.1", "0.255.255.255", "127.0.0.1", "127.0.0.53", "127.255.255.254", "169.254.0.1",
    "169.254.169.254", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.255.254",
    # shared address space of providers, benchmarks, documentation, protocol assignments, relays, AS 112
    "100.64.0.1", "100.127.255.254", "198.18.0.1", "198.19.255.254", "192.0.2.1", "198.51.100.7", "203.0.113.9",
    "192.0.0.1", "192.0.0.9", "192.0.0.170", "192.88.99.1", "192.31.196.1", "192.52.193.1", "192.175.48.6",
    # multicast, reserved, broadcast
    "224.0.0.1", "239.255.255.250", "240.0.0.1", "254.1.2.3", "255.255.255.255",
    # unspecified, loopback, link-local, unique local, site-local, multicast, discard, dummy
    "::", "::1", "fe80::1", "febf::1", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "ff0e::1", "100::1",
    "100:0:0:1::1",
    # documentation, protocol assignments, ORCHID, benchmarks, SRv6, direct delegation AS 112
    "2001:db8::1", "3fff::1", "3fff:fff::1", "2001::1", "2001:2::1", "2001:10::1", "2001:20::1", "2001:1ff:ffff::1",
    "5f00::1", "2620:4f:8000::1",
    # IPv4 inside IPv6: mapped, compatible, translated, 6to4, Teredo, NAT64 with both prefixes
    "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:10.1.2.3", "::ffff:169.254.169.254", "::ffff:0.0.0.0", "::127.0.0.1",
    "::7f00:1", "::8.8.8.8", "::ffff:0:7f00:1", "2002:7f00:1::", "2002:0a00:0001::1", "2002:0808:0808::1",
    "2001:0:7f00:1::", "2001:0:4136:e378:8000:63bf:80ff:fffe", "64:ff9b::7f00:1", "64:ff9b::10.0.0.1",
    "64:ff9b::169.254.169.254", "64:ff9b:1::808:808", "64:ff9b:1:7f00:0:100::",
    # unassigned, and no addresses at all
    "1::1", "4000::1", "8000::1", "e000::1", "fe80::1%eth0", "", "localhost", "127.1", "0x7f000001", "0177.0.0.1",
    "2130706433", "127.0.0.1.", " 8.8.8.8", "8.8.8.8/32",
]  # fmt: skip

PUBLIC = [
    "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "93.184.216.34", "100.63.255.255", "100.128.0.0",
    "126.255.255.255", "128.0.0.1", "169.253.255.255", "172.15.255.255", "172.32.0.0", "192.0.1.1", "192.169.0.1",
    "198.17.255.255", "198.20.0.0", "223.255.255.255", "2000::1", "2001:200::1", "2001:4860:4860::8888",
    "2003::1", "2400:cb00:2048:1::1", "2606:4700:4700::1111", "2a00:1450:4001::1", "2a01:4f8::1", "3ffe::1",
    "3fff:1000::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8",
]  # fmt: skip


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_what_is_not_known_to_be_public_is_refused(address):
    assert is_public_address(address) is False


@pytest.mark.parametrize("address", PUBLIC)
def test_public_unicast_is_allowed(address):
    assert is_public_address(address) is True


@pytest.mark.parametrize(
    ("address", "network", "expected"),
    [
        ("127.0.0.1", "127.0.0.0/8", True),
        ("10.1.2.3", "127.0.0.0/8", False),
        ("::ffff:127.0.0.1", "127.0.0.0/8", True),
        ("64:ff9b::10.0.0.1", "10.0.0.0/8", True),
        ("2002:7f00:1::", "127.0.0.0/8", False),
        ("::127.0.0.1", "127.0.0.0/8", False),
        ("fd00::1", "fd00::/8", True),
        ("::1", "127.0.0.0/8", False),
    ],
)
def test_a_listed_network_opens_only_itself(address, network, expected):
    assert is_public_address(address, [ip_network(network)]) is expected


def test_the_machines_own_public_address_is_refused():
    own = ip_address("93.184.216.34")
    assert may_dial(own, Policy(own_addresses=frozenset({own}))) is False


def test_the_own_address_is_refused_inside_ipv6_too():
    policy = Policy(own_addresses=frozenset({ip_address("93.184.216.34")}))
    assert may_dial(ip_address("::ffff:93.184.216.34"), policy) is False


def test_the_own_address_is_allowed_where_it_is_listed():
    own = ip_address("93.184.216.34")
    policy = Policy(allow_private=(ip_network("93.184.216.34/32"),), own_addresses=frozenset({own}))
    assert may_dial(own, policy) is True


REFUSED_URLS = [
    ("http://peer.example/", "not https"),
    ("ftp://peer.example/", "neither https nor http"),
    ("file:///etc/passwd", "neither https nor http"),
    ("gopher://peer.example/", "neither https nor http"),
    ("//peer.example/", "neither https nor http"),
    ("peer.example/inbox", "neither https nor http"),
    ("", "neither https nor http"),
    ("https:peer.example/inbox", "slash"),
    ("https:///inbox", "host name"),
    ("https://user@peer.example/", "user name"),
    ("https://user:secret@peer.example/", "user name"),
    ("https://public.example@127.0.0.1/", "user name"),
    ("https://@peer.example/", "user name"),
    ("https://peer.example:8443/", "port 8443"),
    ("https://peer.example:22/", "port 22"),
    ("https://peer.example:0/", "port"),
    ("https://peer.example:/", "port"),
    ("https://peer.example:65536/", "range"),
    ("https://peer.example:4x3/", "Port"),
    ("https://127.0.0.1/", "IP address"),
    ("https://8.8.8.8/", "IP address"),
    ("https://[::1]/", "IP address"),
    ("https://[2606:4700:4700::1111]/", "IP address"),
    ("https://[::ffff:127.0.0.1]/", "IP address"),
    ("https://[fe80::1%25eth0]/", "brackets"),
    ("https://[::1/", "IPv6"),
    ("https://[::1]x/", "brackets"),
    ("https://[example.org]/", "IPv6 address"),
    ("https://127.1/", "ends in a number"),
    ("https://0x7f.0.0.1/", "ends in a number"),
    ("https://0177.0.0.1/", "ends in a number"),
    ("https://127.0.0.0x1/", "ends in a number"),
    ("https://2130706433/", "ends in a number"),
    ("https://0x7f000001/", "ends in a number"),
    ("https://1.2.3.4.5/", "ends in a number"),
    ("https://localhost/", "public host name"),
    ("https://localhost./", "host name"),
    ("https://hub.localhost/", "public host name"),
    ("https://intranet/", "public host name"),
    ("https://printer.local/", "local networks"),
    ("https://metadata.google.internal/", "local networks"),
    ("https://nas.home.arpa/", "local networks"),
    ("https://abcdef.onion/", "local networks"),
    ("https://abcdef.i2p/", "local networks"),
    ("https://peer.example./", "host name"),
    ("https://.peer.example/", "host name"),
    ("https://peer..example/", "host name"),
    ("https://-peer.example/", "host name"),
    ("https://peer_.example/", "host name"),
    ("https://peer%2eexample/", "host name"),
    ("https://peer.example%00.evil.example/", "host name"),
    ("https://exämple.org/", "ASCII"),
    ("https://ⓔxample.org/", "ASCII"),
    ("https://１２７.0.0.1/", "ASCII"),
    ("https://peer。example/", "ASCII"),
    ("https://peer.example\\@evil.example/", "backslash"),
    ("https:\\\\peer.example/", "backslash"),
    ("https://peer.example/\r\nHost: evil.example", "control"),
    ("https://peer.example/a b", "space"),
    (" https://peer.example/", "space"),
    ("https://pe\ter.example/", "control"),
    ("https://peer.example/\x00", "control"),
    ("https://peer.example/\x85", "control"),
    (f"https://peer.example/{'a' * 2048}", "longer"),
    (f"https://{'a' * 64}.example/", "host name"),
    (f"https://{'a.' * 130}example/", "host name"),
]


@pytest.mark.parametrize(("url", "reason"), REFUSED_URLS)
def test_an_address_that_is_not_plain_and_public_is_refused(url, reason):
    with pytest.raises(Refused) as refusal:
        check_url(url, Policy())
    assert reason in refusal.value.sentence


@pytest.mark.parametrize(
    "url",
    [
        "https://peer.example",
        "https://peer.example:443/inbox",
        "HTTPS://PEER.example/Inbox?page=1#main-key",
        "https://xn--exmple-cua.org/",
        "https://3com.example/",
        "https://a-b.c--d.example/@ana",
    ],
)
def test_a_plain_public_address_passes(url):
    assert check_url(url, Policy()).scheme == "https"


LISTED = Policy(allow_private=(ip_network("127.0.0.0/8"),), allow_http=True)


@pytest.mark.parametrize("host", ["127.0.0.1:8001", "127.9.9.9", "localhost:8001", "hub.localhost:8001"])
def test_a_listed_host_may_have_any_port_and_plain_http(host):
    assert check_url(f"http://{host}/ap/inbox", LISTED).authority == host


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/", "http://peer.example/", "http://peer.example:443/", "http://[::1]/", "http://8.8.8.8/"]
)
def test_plain_http_is_only_for_listed_hosts(url):
    with pytest.raises(Refused):
        check_url(url, LISTED)


def test_plain_http_to_a_listed_host_needs_its_own_switch():
    with pytest.raises(Refused, match="not https"):
        check_url("http://127.0.0.1:8001/", Policy(allow_private=LISTED.allow_private))


def test_the_operator_can_add_ports():
    assert check_url("https://peer.example:8443/", Policy(ports=frozenset({443, 8443}))).port == 8443


def test_a_refusal_is_final_and_does_not_hold_the_origin():
    assert (Refused.holds, Refused.temporary) == (False, False)
