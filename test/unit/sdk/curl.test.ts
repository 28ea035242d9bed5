import assert from "node:assert/strict";
import { test } from "node:test";
import type { CrawlOptions } from "../../../services/sdk/crawl-options.ts";
import { isCurl, parseCurl, withCurl } from "../../../services/sdk/curl.ts";
import { shellWords } from "../../../services/sdk/shell-words.ts";
import { connectTestHost } from "../../fixtures/script-host.ts";

connectTestHost();

const WORDS: [name: string, command: string, words: string[]][] = [
  ["words and gaps", "  curl   a\tb\nc ", ["curl", "a", "b", "c"]],
  ["single quotes keep all", `'a "b" \\ $c'`, [`a "b" \\ $c`]],
  ["double quotes keep all except escapes", `"a 'b' \\"c\\" \\$d \\e"`, [`a 'b' "c" $d \\e`]],
  ["parts of a word", `a'b'"c"\\ d`, ["abc d"]],
  ["a quote within single quotes, as Chrome writes it", `'it'\\''s'`, ["it's"]],
  ["empty words", `'' ""`, ["", ""]],
  ["a continued line", "a \\\n  b\\\r\nc", ["a", "bc"]],
  ["ANSI-C escapes", `$'a\\nb\\t\\'c\\'\\\\ \\x41\\101 \\u00e4\\U0001F600'`, ["a\nb\t'c'\\ AA ä😀"]],
  ["bytes that are UTF-8", `$'\\xc3\\xa4'`, ["ä"]],
  ["bytes that are not UTF-8, as Firefox writes them", `$'caf\\xe9!'`, ["café!"]],
  ["an exclamation mark, as Chrome writes it", `$'a\\u0021'`, ["a!"]],
  ["a comment, also between two lines", "a # b 'c\n d#e #", ["a", "d#e"]],
  ["a pipe and what follows it", "a b | jq '.x", ["a", "b"]],
  ["what follows an and, or a semicolon", "a && b", ["a"]],
  ["files for the output", "a > out.txt 2>&1 b >>c d", ["a", "b", "d"]],
  ["operators in quotes", "'|' \">\" a|b", ["|", ">", "a|b"]],
  ["a dollar and an ampersand are literal", "a$b http://a/?b=1&c=2", ["a$b", "http://a/?b=1&c=2"]],
];

for (const [name, command, words] of WORDS) {
  test(`shell words: ${name}`, () => {
    assert.deepEqual(shellWords(command), words);
  });
}

for (const command of ["'a", `"a\\"`, `$'a\\'`]) {
  test(`${command} has an unclosed quote`, () => {
    assert.throws(() => shellWords(command), /quote without end/);
  });
}

const CHROME = `curl 'https://shop.test/api/search?x=1' \\
  -H 'accept: application/json' \\
  -H 'content-type: application/json' \\
  -b 'session=abc; theme=dark' \\
  -H 'user-agent: Mozilla/5.0 (X11; Linux x86_64)' \\
  --data-raw $'{"query":"it\\'s \\u0021"}' \\
  --compressed \\
  --insecure`;
const FIREFOX = `curl 'https://shop.test/form' --compressed -X POST -H 'User-Agent: Mozilla/5.0' -H 'Accept-Language: de,en;q=0.5' -H 'Content-Type: application/x-www-form-urlencoded' -H 'Cookie: a=1' --data-raw 'name=J%C3%BCrgen&x=1'`;
const SAFARI = `curl 'https://shop.test/' \\
-X 'PUT' \\
-H 'Accept: */*' \\
--data-binary '{"a":1}'`;

const COMMANDS: [name: string, command: string, urls: string[], options: CrawlOptions][] = [
  [
    "Chrome",
    CHROME,
    ["https://shop.test/api/search?x=1"],
    {
      headers: {
        accept: "application/json",
        "content-type": "application/json",
        cookie: "session=abc; theme=dark",
        "user-agent": "Mozilla/5.0 (X11; Linux x86_64)",
      },
      data: `{"query":"it's !"}`,
      validateCert: false,
    },
  ],
  [
    "Firefox",
    FIREFOX,
    ["https://shop.test/form"],
    {
      method: "POST",
      headers: {
        "User-Agent": "Mozilla/5.0",
        "Accept-Language": "de,en;q=0.5",
        "Content-Type": "application/x-www-form-urlencoded",
        Cookie: "a=1",
      },
      data: "name=J%C3%BCrgen&x=1",
    },
  ],
  ["Safari", SAFARI, ["https://shop.test/"], { method: "PUT", headers: { Accept: "*/*" }, data: `{"a":1}` }],
  ["a URL alone, without scheme", "curl a.test/x", ["http://a.test/x"], { headers: {} }],
  ["several URLs", "curl http://a.test/ --url http://b.test/", ["http://a.test/", "http://b.test/"], { headers: {} }],
  [
    "data in parts",
    "curl http://a.test/ -d a=1 --data b=2 --data-urlencode 'c=ä &'",
    ["http://a.test/"],
    { headers: {}, data: "a=1&b=2&c=%C3%A4+%26" },
  ],
  [
    "data to encode without name",
    "curl http://a.test/ --data-urlencode '=a b' --data-urlencode 'c d'",
    ["http://a.test/"],
    { headers: {}, data: "a+b&c+d" },
  ],
  ["-G puts the data into the URL", "curl -G 'http://a.test/?x#y' -d a=1 -d b=2", ["http://a.test/?x&a=1&b=2#y"], { headers: {} }],
  [
    "short options in one word",
    "curl -kLXPATCH http://a.test/ -da=1",
    ["http://a.test/"],
    { method: "PATCH", headers: {}, validateCert: false, data: "a=1" },
  ],
  ["-I sends a HEAD request", "curl -I http://a.test/", ["http://a.test/"], { method: "HEAD", headers: {} }],
  [
    "user, agent and referer",
    "curl -u 'jö:secret' -A mine -e 'http://b.test/;auto' http://a.test/",
    ["http://a.test/"],
    { headers: { authorization: `Basic ${Buffer.from("jö:secret").toString("base64")}`, "user-agent": "mine", referer: "http://b.test/" } },
  ],
  [
    "a user that is invalid Unicode",
    "curl -u $'\\ud800' http://a.test/",
    ["http://a.test/"],
    { headers: { authorization: `Basic ${Buffer.from("\ufffd").toString("base64")}` } },
  ],
  [
    "a header that is empty, and one that is not sent",
    "curl http://a.test/ -H 'X-Empty;' -H 'A: 1' -H 'a:'",
    ["http://a.test/"],
    { headers: { "X-Empty": "" } },
  ],
  [
    "the last of two headers in different spelling",
    "curl http://a.test/ -H 'x-a: 1' -H 'X-A: 2'",
    ["http://a.test/"],
    { headers: { "X-A": "2" } },
  ],
  ["text beyond ASCII", "curl http://a.test/ -b 'city=é' -H 'X-A: Я'", ["http://a.test/"], { headers: { cookie: "city=Ã©", "X-A": "Ð¯" } }],
  ["cookies in parts", "curl http://a.test/ -b a=1 --cookie 'b=2; c=3'", ["http://a.test/"], { headers: { cookie: "a=1; b=2; c=3" } }],
  ["--data-raw takes an @ as it is", "curl http://a.test/ --data-raw @me", ["http://a.test/"], { headers: {}, data: "@me" }],
  [
    "signs that Chrome escapes for curl",
    "curl 'http://a.test/?b\\[\\]=1&c=\\{x\\}' -k",
    ["http://a.test/?b[]=1&c={x}"],
    { headers: {}, validateCert: false },
  ],
  ["-g leaves URLs as they are", "curl -g 'http://a.test/\\[1]'", ["http://a.test/\\[1]"], { headers: {} }],
  [
    "a host with a port, without scheme",
    "curl localhost:8080/a a.test:80",
    ["http://localhost:8080/a", "http://a.test:80"],
    { headers: {} },
  ],
  [
    "JSON",
    `curl --json '{"a":' --json '1}' http://a.test/`,
    ["http://a.test/"],
    { headers: { "content-type": "application/json", accept: "application/json" }, data: '{"a":1}' },
  ],
  [
    "JSON with another Accept",
    "curl --json 1 -H 'Accept: a/b' http://a.test/",
    ["http://a.test/"],
    { headers: { "content-type": "application/json", Accept: "a/b" }, data: "1" },
  ],
  [
    "a proxy with a user",
    "curl -x proxy.test:3128 -U 'me:p@ss' http://a.test/",
    ["http://a.test/"],
    { headers: {}, proxy: "http://me:p%40ss@proxy.test:3128" },
  ],
  [
    "a SOCKS proxy",
    "curl --proxy socks5h://p.test:1080 http://a.test/",
    ["http://a.test/"],
    { headers: {}, proxy: "socks5://p.test:1080" },
  ],
  [
    "time limits and redirects",
    "curl -m 2.5 --connect-timeout 1 --max-redirs 3 http://a.test/",
    ["http://a.test/"],
    { headers: {}, timeout: 2.5, connectTimeout: 1, maxRedirects: 3 },
  ],
  ["any number of redirects", "curl --max-redirs -1 http://a.test/", ["http://a.test/"], { headers: {} }],
  [
    "parts of a query",
    "curl 'http://a.test/?x=1' --url-query 'y=a b' --url-query +z=%20",
    ["http://a.test/?x=1&y=a+b&z=%20"],
    { headers: {} },
  ],
  [
    "a token and a range",
    "curl --oauth2-bearer abc -r 0-99 http://a.test/",
    ["http://a.test/"],
    { headers: { authorization: "Bearer abc", range: "bytes=0-99" } },
  ],
  [
    "switches that mean nothing here",
    "curl -sSivfL -o out.html --http2 --no-buffer -w '%{http_code}' -c jar --retry 3 -4 http://a.test/",
    ["http://a.test/"],
    { headers: {} },
  ],
  ["the rest of a file", "curl -r 600 http://a.test/", ["http://a.test/"], { headers: { range: "bytes=600-" } }],
  ["a part of a file", "curl -r 0-99 http://a.test/", ["http://a.test/"], { headers: { range: "bytes=0-99" } }],
  ["a prompt and a comment before it", "# Search\n  $ curl http://a.test/ # done", ["http://a.test/"], { headers: {} }],
  ["a command that goes on after a pipe", "curl http://a.test/ | head -5", ["http://a.test/"], { headers: {} }],
];

for (const [name, command, urls, options] of COMMANDS) {
  test(`curl: ${name}`, () => {
    assert.deepEqual(parseCurl(command), { urls, options });
  });
}

test("curl: form fields are sent as multipart/form-data, several of one name too", () => {
  const { options } = parseCurl(`curl -F a=1 -F 'a=2;3' -F 'b="x;type=y"' --form-string 'c=@d' http://a.test/`);

  const parts = String(options.data)
    .split("\r\n")
    .filter((line) => line !== "" && !line.startsWith("--"));
  const field = (name: string) => `Content-Disposition: form-data; name="${name}"`;
  assert.deepEqual(parts, [field("a"), "1", field("a"), "2;3", field("b"), "x;type=y", field("c"), "@d"]);
  assert.match(options.headers["content-type"] ?? "", /^multipart\/form-data; boundary=/);
});

for (const [target, expected] of [
  ["curl http://a.test/", true],
  ["  $ curl http://a.test/", true],
  ["# a comment\n# another\n$ curl http://a.test/", true],
  ["#top", false],
  ["curling.html", false],
  ["$curl", false],
] as const) {
  test(`${JSON.stringify(target)} ${expected ? "is" : "is not"} a command`, () => {
    assert.equal(isCurl(target), expected);
  });
}

const REFUSED: [command: string, message: RegExp][] = [
  ["curl --frobnicate -z http://a.test/", /does not support .*: --frobnicate, -z/],
  ["curl http://a.test/\n\n# another\ncurl http://b.test/", /more than one curl command/],
  ["curl -F a=@file http://a.test/", /reads --form from a file/],
  ["curl -F 'a={};type=application/json' http://a.test/", /does not support ;type=/],
  ["curl -F a http://a.test/", /field without name/],
  ["curl -F a=1 -d b=2 http://a.test/", /bodies of several kinds/],
  ["curl -m soon http://a.test/", /no number after --max-time/],
  ["curl --json @file http://a.test/", /reads --json from a file/],
  ["curl -H 'a: b'", /has no URL/],
  ["curl http://a.test/ -d", /ends after --data/],
  ["curl http://a.test/ -d @file", /reads --data from a file/],
  ["curl http://a.test/ --data-binary @file", /reads --data-binary from a file/],
  ["curl http://a.test/ --data-urlencode name@file", /reads --data-urlencode from a file/],
  ["curl http://a.test/ -b cookies.txt", /reads cookies from a file/],
  ["curl http://a.test/ -H nonsense", /header without name/],
  ['curl ^"http://a.test/^" -H ^"a: b^"', /cURL \(bash\)/],
];

for (const [command, message] of REFUSED) {
  test(`${command} is refused`, () => {
    assert.throws(() => parseCurl(command), message);
  });
}

test("options of crawl() take precedence over the command", () => {
  const request = parseCurl("curl http://a.test/ -X POST -A copied -H 'Accept: a' -H 'X-Own: 1' --data-raw a=1 -k");

  const options = withCurl(request, { method: "PUT", userAgent: "mine", headers: { ACCEPT: "b" }, data: { b: 2 }, validateCert: true });

  assert.deepEqual(options, {
    method: "PUT",
    userAgent: "mine",
    headers: { ACCEPT: "b", "X-Own": "1" },
    data: { b: 2 },
    validateCert: true,
  });
});
