"""Hostile HTTP: bodies, headers, methods, addresses, and what servers take for two requests."""

import json

from tests.hostile.sending import HOST, Case, asked, posted, request

QUERY = b'{"query": "{ __typename }"}'
JSON = b"Content-Type: application/json"
POST = b"POST /graphql HTTP/1.1\r\n" + HOST + JSON + b"\r\n"
GET = b"GET /schema.graphql HTTP/1.1\r\n"
CLOSE = b"Connection: close\r\n"
DEEP = b"[" * 60_000
CHANGE = "mutation%7BupdateEvent(input:%7Bid:%22x%22,version:1%7D)%7Bevent%7Bid%7D%7D%7D"
DIGEST = "%7B%22persistedQuery%22:%7B%22version%22:1,%22sha256Hash%22:%22" + "0" * 64 + "%22%7D%7D"
PAIRS = b",".join(b'"k%d": 1' % n for n in range(9_000))

BODY = [
    Case("body", name, posted(body), status, code)
    for name, body, status, code in (
        ("nothing", b"", [400], "BAD_REQUEST"),
        ("null", b"null", [400], "BAD_REQUEST"),
        ("a number", b"1", [400], "BAD_REQUEST"),
        ("a number of 100,000 digits", b"9" * 100_000, [400], "BAD_REQUEST"),
        ("a string", b'"{ hub }"', [400], "BAD_REQUEST"),
        ("an empty list", b"[]", [400], "BAD_REQUEST"),
        ("a batch of 1,000", b"[" + b",".join([QUERY] * 1_000) + b"]", [400], "BAD_REQUEST"),
        ("60,000 open lists", DEEP, [400], "BAD_REQUEST"),
        ("20,000 open objects", b'{"a":' * 20_000, [400], "BAD_REQUEST"),
        ("60,000 lists in a member", b'{"query": "{ hub { name } }", "x": ' + DEEP, [400], None),
        ("9,000 members", b'{"query": "{ hub { name } }",' + PAIRS + b"}", [200], None),
        ("one member 9,000 times", b"{" + b'"query": "{",' * 8_999 + b'"query": "{"}', [400], None),
        ("NaN", b'{"query": "{ hub { name } }", "variables": {"a": NaN}}', [400], "BAD_REQUEST"),
        ("Infinity", b'{"query": "{ hub { name } }", "x": -Infinity}', [400], "BAD_REQUEST"),
        ("a lone surrogate", b'{"query": "{ hub { name } }", "x": "\\ud800"}', [400], None),
        ("bytes that are no UTF-8", b'{"query": "\xff\xfe"}', [400], "BAD_REQUEST"),
        ("overlong UTF-8", b'{"query": "\xc0\x80"}', [400], "BAD_REQUEST"),
        ("UTF-16", json.dumps({"query": "{ __typename }"}).encode("utf-16"), [400], None),
        ("a byte order mark", b"\xef\xbb\xbf" + QUERY, [400], "BAD_REQUEST"),
        ("100,000 zero bytes", b"\x00" * 100_000, [400], "BAD_REQUEST"),
        ("something behind it", QUERY + b"{}", [400], "BAD_REQUEST"),
        ("a query that is a list", b'{"query": ["{ hub }"]}', [400], "BAD_REQUEST"),
        ("a query that is null", b'{"query": null}', [400], "BAD_REQUEST"),
        ("an operation that is none", b'{"query": "{ hub { name } }", "operationName": "x"}', [400], None),
        ("an operation of 100,000 letters", b'{"query": "{ hub { name } }", "operationName": "' + b"x" * 100_000 + b'"}', [400], None),
        ("variables that are a list", b'{"query": "{ hub { name } }", "variables": []}', [400], "BAD_REQUEST"),
        ("129 kB", b'{"query": "' + b"x" * 132_000 + b'"}', [413], "TOO_LARGE"),
        ("4 MB of spaces", b" " * 4_000_000, [413], "TOO_LARGE"),
    )
] + [
    Case("body", "1 GB, announced", posted(b"", length=10**9), [413], "TOO_LARGE"),
    Case("body", "10^30 bytes, announced", posted(b"", length=10**30), [400]),
    Case("body", "gzip", posted(QUERY, b"Content-Encoding: gzip"), [415]),
    Case("body", "brotli of brotli", posted(QUERY, b"Content-Encoding: br, br"), [415]),
    Case("body", "a form", request("POST", "/graphql", b"query={hub}", b"Content-Type: application/x-www-form-urlencoded"), [415]),
    Case(
        "body",
        "a multipart upload",
        request(
            "POST",
            "/graphql",
            b"--x\r\nContent-Disposition: form-data; name=operations\r\n\r\n{}\r\n--x--",
            b"Content-Type: multipart/form-data; boundary=x",
        ),
        [415],
    ),
    Case("body", "no type", request("POST", "/graphql", QUERY), [415]),
    Case("body", "two types", request("POST", "/graphql", QUERY, JSON, JSON), [415]),
    Case("body", "another charset", request("POST", "/graphql", QUERY, JSON + b"; charset=utf-7"), [415]),
    Case("body", "a type of 60,000 letters", request("POST", "/graphql", QUERY, b"Content-Type: " + b"a" * 60_000), [415]),
]  # fmt: skip

CONNECTION = [
    Case("connection", name, data, status)
    for name, data, status in (
        ("no Host", GET + CLOSE + b"\r\n", [400]),
        ("two Hosts", GET + HOST + HOST + CLOSE + b"\r\n", [400]),
        ("an empty Host", GET + b"Host:\r\n" + CLOSE + b"\r\n", [400]),
        ("a Host with a path", GET + b"Host: a/../b\r\n" + CLOSE + b"\r\n", [400]),
        ("a Host with a space", GET + b"Host: a b\r\n" + CLOSE + b"\r\n", [400]),
        ("a Host of 10,000 letters", GET + b"Host: " + b"a" * 10_000 + b"\r\n\r\n", [400]),
        ("a Host of bytes", GET + b"Host: \xff\xfe\r\n\r\n", [400]),
        ("5,000 headers", GET + HOST + b"a: b\r\n" * 5_000 + b"\r\n", [431]),
        ("a header of 1 MB", GET + HOST + b"a: " + b"b" * 1_000_000, [431]),
        ("a header name of 1 MB", GET + HOST + b"a" * 1_000_000, [431, 400]),
        ("an address of 1 MB", b"GET /" + b"a" * 1_000_000, [431]),
        ("a query string of 60,000 letters", request("GET", "/schema.graphql?" + "a" * 60_000), [200]),
        ("20,000 blank lines", b"\r\n" * 20_000 + request("GET", "/schema.graphql"), [200, 431]),
        ("a folded header", GET + HOST + b"a: b\r\n c\r\n" + CLOSE + b"\r\n", [200, 400]),
        ("a header without a colon", GET + HOST + b"nonsense\r\n\r\n", [400]),
        ("a space before the colon", GET + HOST + b"Content-Length : 5\r\n\r\n", [400]),
        ("a zero byte in a header", GET + HOST + b"a: \x00\r\n\r\n", [400]),
        ("a bare CR in a header", GET + HOST + b"a: b\rc: d\r\n\r\n", [400]),
        ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 500, [400]),
        ("HTTP/2 with prior knowledge", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [400, 405]),
        ("HTTP/0.9", b"GET /schema.graphql\r\n\r\n", [400]),
        ("HTTP/9.9", b"GET / HTTP/9.9\r\n" + HOST + b"\r\n", [400, 505]),
        ("SMTP", b"EHLO pantry.example\r\nMAIL FROM:<a@b>\r\n", [400]),
        ("random bytes", bytes(range(256)) * 64, [400]),
        ("HTTP/1.0 without a Host", b"GET /schema.graphql HTTP/1.0\r\n\r\n", [200, 400]),
    )
]  # fmt: skip

SMUGGLED = b"GET /oauth/jwks HTTP/1.1\r\n" + HOST + b"\r\n"
SMUGGLING = [
    # One answer, or none: what follows must never be taken for a request of its own.
    Case("transport", name, POST + headers + b"\r\n" + body, [400])
    for name, headers, body in (
        ("Content-Length and chunks", b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n" + SMUGGLED),
        ("chunks and Content-Length", b"Transfer-Encoding: chunked\r\nContent-Length: 6\r\n", b"0\r\n\r\n" + SMUGGLED),
        ("two lengths", b"Content-Length: 5\r\nContent-Length: 60\r\n", b"hello" + SMUGGLED),
        ("two lengths in one", b"Content-Length: 5, 60\r\n", b"hello" + SMUGGLED),
        ("a negative length", b"Content-Length: -1\r\n", SMUGGLED),
        ("a length with a sign", b"Content-Length: +5\r\n", b"hello" + SMUGGLED),
        ("a length in hexadecimal", b"Content-Length: 0x10\r\n", b"hello" + SMUGGLED),
        ("a chunk that is too long", b"Transfer-Encoding: chunked\r\n", b"fffffffffffffffff\r\n" + SMUGGLED),
        ("a chunk that is no number", b"Transfer-Encoding: chunked\r\n", b"zz\r\n" + SMUGGLED),
        ("a negative chunk", b"Transfer-Encoding: chunked\r\n", b"-1\r\n" + SMUGGLED),
        ("xchunked", b"Transfer-Encoding: xchunked\r\n", SMUGGLED),
        ("chunked twice", b"Transfer-Encoding: chunked, identity\r\n", b"0\r\n\r\n" + SMUGGLED),
        ("a tab before chunked", b"Transfer-Encoding:\tchunked\x0b\r\n", b"0\r\n\r\n" + SMUGGLED),
    )
]  # fmt: skip

TRANSPORT = [
    *SMUGGLING,
    *(
        Case("transport", f"{method} on the endpoint", request(method), [405])
        for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND")
    ),
    Case("transport", "GET of nothing", request("GET"), [400], "BAD_REQUEST"),
    Case("transport", "HEAD of nothing", request("HEAD"), [400]),
    Case("transport", "TRACE", request("TRACE"), [405]),
    Case("transport", "CONNECT", b"CONNECT a:1 HTTP/1.1\r\n" + HOST + b"\r\n", [405]),
    Case("transport", "a method of its own", request("QUERYX"), [400, 405]),
    Case("transport", "an Accept of 60,000 letters", posted(QUERY, b"Accept: " + b"a/b," * 15_000), [200, 406]),
    Case("transport", "an Accept of 15,000 qualities", posted(QUERY, b"Accept: " + b";q=1" * 15_000), [200, 406]),
    Case("transport", "an absolute address", b"GET http://evil.example/schema.graphql HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n", [200, 404]),
    Case("transport", "an address that is *", b"OPTIONS * HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n", [400, 404, 405]),
    Case("transport", "a preflight of 60,000 letters", request("OPTIONS", "/graphql", b"", b"Origin: null", b"Access-Control-Request-Method: POST", b"Access-Control-Request-Headers: " + b"a," * 30_000), [400]),
    Case("transport", "an Origin of bytes", posted(QUERY, b"Origin: \xff\xfe"), [200]),
    Case("transport", "h2c", posted(QUERY, b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABk"), [200]),
    Case("transport", "Expect: nonsense", posted(QUERY, b"Expect: 42"), [200, 417]),
    Case("websocket", "an upgrade with frames behind it", b"GET /graphql HTTP/1.1\r\n" + HOST + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n" + b"\x82\xfe\xff\xff" * 1_000, [400]),
    Case("websocket", "a subscription over POST", asked("subscription { a }"), [400]),
]  # fmt: skip

ROUTES = [
    Case("routes", path, request("GET", path), status)
    for path, status in (
        ("/../../etc/passwd", [404]),
        ("/schema.graphql/../../etc/passwd", [404]),
        ("/%2e%2e/%2e%2e/etc/passwd", [404]),
        ("/..%2f..%2fetc%2fpasswd", [404]),
        ("/static/..%5c..%5cpyproject.toml", [404]),
        ("/static/explorer.js%00", [404]),
        ("/.git/config", [404]),
        ("/.convoke/data/secret.key", [404]),
        ("//evil.example/%2f..", [404]),
        ("/graphql//", [404]),
        ("/" + "a/" * 20_000, [404]),
        ("/%ff%fe", [404]),
        ("/.well-known/oauth-protected-resource/graphql/x", [404]),
        ("/oauth/token", [405]),
    )
] + [
    Case("routes", "a redirect to elsewhere", request("GET", "//evil.example"), [404]),
    Case("routes", "an address of bytes", b"GET /\xff\xfe HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n", [400, 404]),
    Case("routes", "POST to the schema", request("POST", "/schema.graphql", b"x"), [405]),
    Case("routes", "1 GB to nowhere", request("POST", "/nowhere", b"", length=10**9), [404]),
]  # fmt: skip

GOTTEN = [
    Case("get", name, request("GET", f"/graphql?{said}", body, *headers), status, code)
    for name, said, body, headers, status, code in (
        ("a query", "query=%7Bhub%7Bname%7D%7D", b"", (), [200], None),
        ("a change", "query=mutation%7Binvented%7D", b"", (), [200], "GRAPHQL_VALIDATION_FAILED"),
        ("a change that is one", f"query={CHANGE}", b"", (), [405], "METHOD_NOT_ALLOWED"),
        ("a subscription", "query=subscription%7Ba%7D", b"", (), [200], None),
        ("20,000 parameters", "a=1&" * 20_000, b"", (), [400, 431], None),
        ("30,000 ampersands", "&" * 30_000, b"", (), [400], "BAD_REQUEST"),
        ("one parameter 5,000 times", "query=%7Ba%7D&" * 4_000, b"", (), [400], "BAD_REQUEST"),
        ("a query of 60,000 letters", "query=" + "x" * 60_000, b"", (), [200], "SOURCE_LIMIT"),
        ("20,000 escapes", "query=" + "%7B" * 20_000, b"", (), [200], "SOURCE_LIMIT"),
        ("escapes of nothing", "query=" + "%" * 15_000, b"", (), [200], "GRAPHQL_PARSE_FAILED"),
        ("bytes that are no UTF-8", "query=%ff%fe%00", b"", (), [400], "BAD_REQUEST"),
        ("a lone surrogate", "query=%ED%A0%80", b"", (), [400], "BAD_REQUEST"),
        ("variables of 20,000 open lists", "query=%7Ba%7D&variables=" + "[" * 20_000, b"", (), [400], "BAD_REQUEST"),
        ("variables of 20,000 digits", "query=%7Ba%7D&variables=" + "9" * 20_000, b"", (), [400], "BAD_REQUEST"),
        ("variables that are NaN", "query=%7Ba%7D&variables=NaN", b"", (), [400], "BAD_REQUEST"),
        ("an id of 60,000 letters", "documentId=sha256:" + "a" * 60_000, b"", (), [400], "BAD_REQUEST"),
        ("an id of a path", "documentId=../../etc/passwd", b"", (), [400], "BAD_REQUEST"),
        ("an id of SQL", "documentId=sha256:%27;drop%20table%20events", b"", (), [400], "BAD_REQUEST"),
        ("an id of a zero byte", "documentId=" + "a" * 63 + "%00", b"", (), [400], "BAD_REQUEST"),
        ("an id of nothing", "documentId=" + "0" * 64, b"", (), [200], "DOCUMENT_NOT_FOUND"),
        ("a digest of nothing", "extensions=" + DIGEST, b"", (), [200], "PERSISTED_QUERY_NOT_FOUND"),
        ("extensions of extensions", "extensions=" + "%7B%22a%22:" * 5_000, b"", (), [400], "BAD_REQUEST"),
        ("30,000 tags", "documentId=" + "0" * 64, b"", (b"If-None-Match: " + b'"a",' * 15_000,), [200], None),
        ("a tag without an end", "query=%7B__typename%7D", b"", (b'If-None-Match: W/"' + b"x" * 30_000,), [200], None),
        ("a body of 100 kB", "query=%7B__typename%7D", b"x" * 100_000, (), [200], None),
        ("a body of 4 MB", "query=%7B__typename%7D", b"x" * 4_000_000, (), [413], "TOO_LARGE"),
    )
] + [
    Case("get", "a fragment in the address", request("GET", "/graphql?query=%7B__typename%7D#x"), [200, 400]),
    Case("get", "spaces in the address", b"GET /graphql?query={ hub } HTTP/1.1\r\n" + HOST + b"\r\n", [400]),
    Case("get", "bytes in the address", b"GET /graphql?query=\xff\xfe HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n", [400]),
    Case("get", "1 GB behind the address, announced", request("GET", "/graphql?query=%7Ba%7D", b"", length=10**9), [413]),
]  # fmt: skip

HTTP = [*BODY, *CONNECTION, *TRANSPORT, *ROUTES, *GOTTEN]
