import assert from "node:assert/strict";
import { test } from "node:test";
import { uriFiles } from "../../../../lab/registry/archive.ts";

test("the file list of an installation is parsed from apt's list of addresses", () => {
  const output = `Reading package lists...
'http://deb.debian.org/debian/pool/main/t/tinc/tinc_1.0.36-2%2bb1_amd64.deb' tinc_1.0.36-2+b1_amd64.deb 134804 SHA256:1f
'http://deb.debian.org/debian/pool/main/l/lzo2/liblzo2-2_2.10-2_amd64.deb' liblzo2-2_2.10-2_amd64.deb 56940 MD5Sum:aa`;

  assert.deepEqual(uriFiles(output), ["tinc_1.0.36-2+b1_amd64.deb", "liblzo2-2_2.10-2_amd64.deb"]);
});
