import assert from "node:assert/strict";
import { test } from "node:test";
import type { CrawlOptions } from "../../../services/sdk/crawl-options.ts";
import { parseCurl, withCurl } from "../../../services/sdk/curl.ts";
import { shellWords } from "../../../services/sdk/shell-words.ts";

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
  ["cookies in parts", "curl http://a.test/ -b a=1 --cookie 'b=2; c=3'", ["http://a.test/"], { headers: { cookie: "a=1; b=2; c=3" } }],
  ["--data-raw takes an @ as it is", "curl http://a.test/ --data-raw @me", ["http://a.test/"], { headers: {}, data: "@me" }],
];

for (const [name, command, urls, options] of COMMANDS) {
  test(`curl: ${name}`, () => {
    assert.deepEqual(parseCurl(command), { urls, options });
  });
}

const REFUSED: [command: string, message: RegExp][] = [
  ["curl --frobnicate -z -F a=b http://a.test/", /does not support .*: --frobnicate, -z, -F/],
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
