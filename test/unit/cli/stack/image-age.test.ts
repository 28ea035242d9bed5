import assert from "node:assert/strict";
import { test } from "node:test";
import { imagesText, oldImagesNotice } from "../../../../services/cli/stack/image-age.ts";
import { today } from "../../../../services/cli/stack/upgrade.ts";

const NOW = Date.UTC(2026, 10, 29, 23, 59);

test("the day of an upgrade is in UTC", () => {
  assert.equal(today(NOW), "2026-11-29");
});

test("images are old after 30 days, and a deployment reports it", () => {
  assert.deepEqual(
    [oldImagesNotice(undefined, NOW), oldImagesNotice("2026-10-30", NOW), oldImagesNotice("2026-11-30", NOW)],
    [undefined, undefined, undefined],
  );
  assert.match(oldImagesNotice("2026-10-29", NOW) ?? "", /built on 2026-10-29, 31 days ago: \.\/orb upgrade images/);
});

test("the status always shows the day, or that no upgrade was made", () => {
  assert.equal(imagesText("2026-11-20", NOW), "images   of 2026-11-20");
  assert.match(imagesText("2026-10-01", NOW), /59 days ago: \.\/orb upgrade images/);
  assert.match(imagesText(undefined, NOW), /first deployment: \.\/orb upgrade images/);
});
