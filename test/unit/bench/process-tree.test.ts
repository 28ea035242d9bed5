import assert from "node:assert/strict";
import { test } from "node:test";
import { mappedKiB } from "../../bench/process-tree.ts";

const SMAPS = `00400000-00500000 r-xp 00000000 fe:00 42 /usr/bin/node
Rss:                 100 kB
Pss:                  10 kB
00500000-00600000 rw-p 00100000 fe:00 42 /usr/bin/node
Rss:                   8 kB
Pss:                   8 kB
00600000-00700000 rw-p 00000000 00:00 0 [heap]
Rss:                  30 kB
Pss:                  30 kB
00700000-00800000 rw-s 00000000 00:01 77 /dev/zero (deleted)
Rss:                  20 kB
Pss:                   5 kB
`;

test("pages of files count whole, and memory that only the tree shares counts by its share", () => {
  assert.deepEqual(mappedKiB(SMAPS), { files: new Map([["/usr/bin/node", 108]]), rest: 35 });
});
