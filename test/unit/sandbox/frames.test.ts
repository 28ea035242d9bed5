import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ANSWER_HEADER_BYTES,
  answerFrameBytes,
  decodeAnswer,
  decodeTask,
  encodeAnswer,
  encodeTasks,
  FrameCutter,
  TASK_HEADER_BYTES,
  taskFrameBytes,
} from "../../../services/sandbox/frames.ts";

const tasks = [
  { text: "ä", body: Buffer.from([1, 2, 3]), limitMs: 30_000 },
  { text: "", body: Buffer.alloc(0), limitMs: 0 },
  { text: "large", body: Buffer.alloc(300_000, 9), limitMs: 2 },
  { text: "second", body: Buffer.alloc(1_000, 7), limitMs: 1 },
];

for (const size of [1, 7, 13, 4_096, 299_990, 1_000_000]) {
  test(`tasks in chunks of ${size} bytes are decoded completely`, () => {
    const bytes = Buffer.concat(encodeTasks(tasks));
    const cutter = new FrameCutter(TASK_HEADER_BYTES, taskFrameBytes);

    const frames: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += size) frames.push(...cutter.push(bytes.subarray(at, at + size)));

    assert.deepEqual(
      frames.map(decodeTask).map(({ text, body, limitMs }) => ({ text, body: Buffer.from(body), limitMs })),
      tasks,
    );
  });
}

test("a large body is not copied", () => {
  assert.ok(encodeTasks(tasks).includes(tasks[2]?.body as Buffer));
});

test("answers contain their text and time", () => {
  const cutter = new FrameCutter(ANSWER_HEADER_BYTES, answerFrameBytes);
  const answers = [
    { text: "", microseconds: 0 },
    { text: '{"ok":"ü"}', microseconds: 1_234_567 },
  ];

  const frames = cutter.push(Buffer.concat(answers.map(encodeAnswer)));

  assert.deepEqual(frames.map(decodeAnswer), answers);
});

test("an invalid header is refused before its bytes arrive", () => {
  const cutter = new FrameCutter(ANSWER_HEADER_BYTES, (header) => {
    const bytes = answerFrameBytes(header);
    if (bytes > 100) throw new RangeError("too large");
    return bytes;
  });

  assert.throws(() => cutter.push(encodeAnswer({ text: "x".repeat(200), microseconds: 0 }).subarray(0, 10)), /too large/);
});
