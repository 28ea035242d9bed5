import assert from "node:assert/strict";
import { test } from "node:test";
import { AnswerRepair } from "../../../../services/core/net/answer-repair.ts";

/** What a parser gets of an answer that arrives in pieces of `size` bytes. */
function repaired(answer: string, size = answer.length): string {
  const repair = new AnswerRepair();
  const bytes = Buffer.from(answer, "latin1");
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => repair.push(bytes.subarray(at * size, (at + 1) * size)));
  return Buffer.concat(pieces).toString("latin1");
}

const OK = "HTTP/1.1 200 OK\r\n";
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;

const PAIRS: [what: string, sent: string, read: string][] = [
  ["line feeds alone", "HTTP/1.1 200 OK\nA: b\nContent-Length: 2\n\nhi", `${OK}A: b\r\nContent-Length: 2\r\n\r\nhi`],
  ["equal lengths", `${OK}Content-Length: 2\r\nContent-Length: 2\r\n\r\nhi`, `${OK}Content-Length: 2\r\n\r\nhi`],
  ["a folded header", `${OK}A: b\r\n\tc\r\n\r\n`, `${OK}A: b c\r\n\r\n`],
  ["a length beside chunks", `${OK}Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, `${CHUNKED}0\r\n\r\n`],
  ["a coding that is not chunked", `${OK}Content-Length: 2\r\nTransfer-Encoding: identity\r\n\r\nhi`, `${OK}Content-Length: 2\r\n\r\nhi`],
  ["spaces after a size", `${CHUNKED}2  \r\nhi\r\n0 \r\n\r\n`, `${CHUNKED}2\r\nhi\r\n0\r\n\r\n`],
  ["an interim answer", `HTTP/1.1 103 Early Hints\nA: b\n\n${OK}A: b\n\nhi`, `HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n${OK}A: b\r\n\r\nhi`],
  ["100 Continue before it", `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\nA: b\n\n${OK}A: b\r\n\r\nhi`, `${OK}A: b\r\n\r\nhi`],
  ["a control character", `${OK}A: b\x01c\r\nSet-Cookie: d=\x01\r\n\r\n`, `${OK}A: b c\r\n\r\n`],
];

for (const [what, sent, read] of PAIRS) {
  test(`an answer with ${what} is rewritten, however it is cut into pieces`, () => {
    for (const size of [sent.length, 7, 1]) assert.equal(repaired(sent, size), read, `${size} bytes at a time`);
  });
}

const AS_IT_IS = [
  `${OK}Content-Type: text/html\r\nContent-Length: 2\r\n\r\nhi`,
  `${CHUNKED}5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n`,
  "SSH-2.0-OpenSSH_9.2p1\r\n",
  `${OK}A: b\0c\r\n\r\n`,
  `${CHUNKED}zz\r\nabc\r\n`,
  "HTTP/1.1 twohundred OK\r\n\r\n",
  "HTTP/1.1 101 Switching Protocols\r\n\r\nabc",
];

test("other answers pass as they are: those that need nothing, and those that browsers do not read either", () => {
  for (const answer of AS_IT_IS) for (const size of [answer.length, 3, 1]) assert.equal(repaired(answer, size), answer);
});

test("an answer that needs nothing is not copied", () => {
  const repair = new AnswerRepair();
  const pieces = [`${CHUNKED}5\r\nhel`, "lo\r\n0\r\n\r\n"].map((text) => Buffer.from(text));

  assert.deepEqual(
    pieces.map((piece) => repair.push(piece) === piece),
    [true, true],
  );
});

test("different lengths stay an error of the parser", () => {
  assert.equal(repaired(`${OK}Content-Length: 1\r\nContent-Length: 9\r\n\r\n`), `${OK}Content-Length: 1\r\nContent-Length: 9\r\n\r\n`);
});
