import assert from "node:assert/strict";
import { test } from "node:test";
import { HostBook, hostOf } from "../../../services/scheduler/host-book.ts";
import { sortOut } from "../../../services/scheduler/host-lines.ts";

const NOW = 1_000_000;

test("without limits every host takes everything", () => {
  const book = new HostBook();
  for (let count = 0; count < 100; count++) book.begin("a", NOW);

  assert.deepEqual([book.opensAt("a") <= NOW, book.room("a", NOW)], [true, Infinity]);
});

test("a delay leaves room for one task, and then for none until it has passed", () => {
  const book = new HostBook({ delaySeconds: 2, concurrency: Infinity });
  const before = book.room("a", NOW);

  book.begin("a", NOW);

  assert.deepEqual([before, book.room("a", NOW + 1.9), book.room("a", NOW + 2), book.opensAt("a")], [1, 0, 1, NOW + 2]);
  assert.equal(book.room("b", NOW), 1, "another host");
});

test("a concurrency leaves room for what is not in flight, and none opens before one comes back", () => {
  const book = new HostBook({ delaySeconds: 0, concurrency: 2 });

  book.begin("a", NOW);
  const afterOne = book.room("a", NOW);
  book.begin("a", NOW);
  const afterTwo = [book.room("a", NOW), book.opensAt("a")];
  book.end("a");

  assert.deepEqual([afterOne, afterTwo, book.room("a", NOW)], [1, [0, Infinity], 1]);
});

test("a host that asks to be left alone is, even where there are no limits", () => {
  const book = new HostBook();

  book.holdUntil("a", NOW + 60);
  book.holdUntil("a", NOW + 10);

  assert.deepEqual([book.room("a", NOW + 59), book.room("a", NOW + 60)], [0, Infinity]);
});

test("the longer of the project's delay and the host's counts", () => {
  const book = new HostBook({ delaySeconds: 2, concurrency: Infinity });
  book.learnDelay("slow", 10, NOW);
  book.learnDelay("fast", 1, NOW);
  const learned = [book.opensAt("slow"), book.opensAt("fast")];

  book.learnDelay("slow", 10, NOW + 5);
  book.begin("fast", NOW);

  assert.deepEqual(learned, [NOW + 10, 0]);
  assert.deepEqual([book.opensAt("slow"), book.opensAt("fast")], [NOW + 10, NOW + 2], "told again, it changes nothing");
});

test("hosts are forgotten once nothing is known of them, and the book once it holds nothing", () => {
  const book = new HostBook();
  book.begin("a", NOW);
  book.holdUntil("b", NOW + 5);

  const first = book.sweep(NOW);
  book.end("a");

  assert.deepEqual([first, book.sweep(NOW + 4), book.sweep(NOW + 5)], [false, false, true]);
  assert.equal(new HostBook({ delaySeconds: 1, concurrency: Infinity }).sweep(NOW), false, "limits are not forgotten");
});

const HOSTS: [url: string, host: string | undefined][] = [
  ["https://a.test/x", "a.test"],
  ["http://A.test:80/", "a.test"],
  ["http://user:password@a.test:8080/@b", "a.test:8080"],
  ["http://[::1]:81/", "[::1]:81"],
  ["data:,on_start", undefined],
  ["nonsense", undefined],
  [`http://${"a.".repeat(130)}:65535/`, undefined],
];

for (const [url, host] of HOSTS) {
  test(`the host of ${url} is ${host}`, () => {
    assert.equal(hostOf(url), host);
  });
}

const task = (taskid: string, url: string) => ({ project: "books", taskid, url });

test("of what is picked goes what its host takes, in order, until the places are taken; the rest stands in line or is left", () => {
  const book = new HostBook({ delaySeconds: 1, concurrency: Infinity });
  const picked = [
    task("1", "http://a.test/1"),
    task("2", "http://a.test/2"),
    task("start", "data:,on_start"),
    task("3", "http://b.test/3"),
    task("4", "http://b.test/4"),
    task("5", "http://c.test/5"),
  ];

  const { going, lined } = sortOut(picked, book, { now: NOW, places: 3 });

  assert.deepEqual(
    going.map(({ taskid }) => taskid),
    ["1", "start", "3"],
  );
  assert.deepEqual(
    lined.map(({ taskid, host, opensAt }) => [taskid, host, opensAt]),
    [["2", "a.test", NOW + 1]],
  );
});

test("other limits open every host again, the same limits none", () => {
  const limits = { delaySeconds: 60, concurrency: 1 };
  const book = new HostBook(limits);
  book.begin("a", NOW);
  book.end("a");

  const same = [book.limit({ ...limits }), book.room("a", NOW)];
  const other = [book.limit({ delaySeconds: 0, concurrency: 1 }), book.room("a", NOW)];

  assert.deepEqual(
    [same, other],
    [
      [false, 0],
      [true, 1],
    ],
  );
});

test("the wait for the next begins when a task has left", () => {
  const book = new HostBook({ delaySeconds: 2, concurrency: Infinity });
  book.begin("a", NOW);

  book.left("a", NOW + 0.5);

  assert.equal(book.opensAt("a"), NOW + 2.5);
});

test("of very many hosts that are left alone the oldest are forgotten, but none that something is in flight to", () => {
  const book = new HostBook({ delaySeconds: 86_400, concurrency: Infinity });
  for (let host = 0; host <= 50_001; host++) {
    book.begin(`host${host}`, NOW);
    if (host > 0) book.end(`host${host}`);
  }

  assert.deepEqual(
    ["host0", "host1", "host2", "host3", "host50001"].map((host) => book.opensAt(host) > NOW),
    [true, false, false, true, true],
  );
});
