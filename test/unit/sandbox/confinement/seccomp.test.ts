import assert from "node:assert/strict";
import { test } from "node:test";
import { OWN_PID, seccompFilter } from "../../../../services/sandbox/confinement/seccomp.ts";

type Data = { architecture: number; number: number; first?: number };

/** Runs a filter as the kernel does. */
function verdict(filter: Uint8Array, { architecture, number, first = 0 }: Data): string {
  const view = new DataView(filter.buffer);
  const words: Record<number, number> = { 0: number, 4: architecture, 16: first };
  let loaded = 0;
  for (let at = 0; ; at++) {
    const [code, value] = [view.getUint16(8 * at, true), view.getUint32(8 * at + 4, true)];
    const jump = (isTrue: boolean) => view.getUint8(8 * at + (isTrue ? 2 : 3));
    if (code === 0x06) return value === 0x7fff0000 ? "allow" : value === 0x80000000 ? "kill" : `error ${value & 0xffff}`;
    if (code === 0x20) loaded = words[value] ?? assert.fail(`load of ${value}`);
    else if (code === 0x15) at += jump(loaded === value);
    else if (code === 0x35) at += jump(loaded >= value);
    else if (code === 0x45) at += jump((loaded & value) !== 0);
    else assert.fail(`code ${code}`);
  }
}

const filterFor = (architecture: string, mayFork: boolean) => seccompFilter({ architecture, mayFork }) ?? assert.fail("no filter");
const [X64, ARM64] = [0xc000003e, 0xc00000b7];
const [READ, WRITE, EXECVE] = [0, 1, 59];

test("system calls that a program needs are allowed, and dangerous ones are not", () => {
  const filter = filterFor("x64", false);
  const on = (number: number, first?: number) => verdict(filter, { architecture: X64, number, ...(first === undefined ? {} : { first }) });

  for (const number of [READ, WRITE, EXECVE]) assert.equal(on(number), "allow");
  assert.deepEqual([on(425), on(101), on(41)], ["error 1", "error 1", "error 1"]);
  assert.deepEqual([on(62, 1), on(62, OWN_PID), on(62, -OWN_PID >>> 0), on(62, 0)], ["error 1", "allow", "allow", "allow"]);
  assert.deepEqual([on(56, 17), on(56, 0x3d0f00), on(435)], ["error 1", "allow", "error 38"]);
  assert.equal(on(0x40000000), "error 1");
});

test("a program that can start others can also signal them", () => {
  const filter = filterFor("x64", true);

  assert.equal(verdict(filter, { architecture: X64, number: 56, first: 17 }), "allow");
  assert.equal(verdict(filter, { architecture: X64, number: 62, first: 1 }), "allow");
  assert.equal(verdict(filter, { architecture: X64, number: 41 }), "error 1");
});

test("system calls with another architecture's numbers end the process", () => {
  assert.equal(verdict(filterFor("x64", false), { architecture: 0x40000003, number: 3 }), "kill");
  assert.equal(verdict(filterFor("arm64", false), { architecture: X64, number: 63 }), "kill");
});

test("arm64 has its own numbers", () => {
  const filter = filterFor("arm64", false);

  assert.equal(verdict(filter, { architecture: ARM64, number: 63 }), "allow");
  assert.equal(verdict(filter, { architecture: ARM64, number: 198 }), "error 1");
  assert.equal(verdict(filter, { architecture: ARM64, number: 129, first: 1 }), "error 1");
});

test("an architecture without known numbers has no filter", () => {
  assert.equal(seccompFilter({ architecture: "riscv64", mayFork: false }), undefined);
});
