/** A newcomer's first minutes with the pages of `./orb start`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startSite } from "../../../demo/site.ts";
import { readToken } from "../../../services/core/runtime/token.ts";
import { openBrowser, skipWithoutChromium as skip } from "../../fixtures/browser.ts";
import { createProject, seeResults } from "../../fixtures/newcomer-story.ts";
import { startEverything } from "../../fixtures/started-orb.ts";
import { temporaryDirectory } from "../../fixtures/temporary-directory.ts";

test("a new user logs in, creates a project, fixes its script at the reported place, runs it and sees results arrive", {
  skip,
  timeout: 180_000,
}, async () => {
  using directory = temporaryDirectory();
  await using site = await startSite({ pages: 20 });
  await using orb = await startEverything(directory.path);
  await using browser = await openBrowser();
  const { page, complaints } = browser;
  const newcomer = {
    ...{ url: orb.url, token: readToken(directory.path), firstSight: "No projects yet" },
    ...{ project: "site", site: site.origin },
  };

  await createProject(page, newcomer);
  const state = await seeResults(page, newcomer);

  assert.equal(state, "DEBUG");
  // A script that does not compile is answered with status 400, which Chromium notes as an error.
  assert.deepEqual(
    complaints.filter((text) => !text.includes("400")),
    [],
  );
});
