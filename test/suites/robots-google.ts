import { readFileSync } from "node:fs";
import { join } from "node:path";
import { blockAt, readCode, runCode, withStrings } from "./foreign-source.ts";
import { OTHER, Recorder } from "./recorder.ts";
import { mayFetch } from "./robots.ts";
import type { Suite } from "./suite.ts";

export const googleRobots: Suite = {
  name: "google/robotstxt",
  repository: "google/robotstxt",
  version: "22b355f",
  needs: "robots_test.cc",
  run(root) {
    const recorder = new Recorder();
    const code = readCode(readFileSync(join(root, googleRobots.needs), "utf8"), "c++");
    for (const { index, 0: head, 1: name = "" } of code.text.matchAll(/^TEST\(\w+, (\w+)\) \{/gm)) {
      recorder.begin(name);
      const body = toScript(blockAt(code.text, index + head.length - 1));
      runCode(
        withStrings(code, body),
        {
          IsUserAgentAllowed: mayFetch,
          EXPECT_TRUE: (actual: unknown) => recorder.equal(actual, true),
          EXPECT_FALSE: (actual: unknown) => recorder.equal(actual, false),
          EXPECT_EQ: () => {},
          StrCat: (...parts: string[]) => parts.join(""),
          RobotsMatcher: OTHER,
          googlebot: OTHER,
          absl: OTHER,
          TestPath: OTHER,
          TestEscape: OTHER,
        },
        recorder,
      );
    }
    return recorder.outcomes;
  },
};

const toScript = (body: string) =>
  body
    .replace(/absl::StrAppend\(&(\w+), ([^;]*)\);/g, "$1 += StrCat($2);")
    .replace(/absl::StrCat/g, "StrCat")
    .replace(/std::string\((§\d+§)\)/g, "$1")
    .replace(/(?:const )?(?:absl::string_view|std::string|size_t|int) (\w+)(?= ?=|\()/g, "let $1")
    .replace(/let (\w+)\(([^;]*)\);/g, "let $1 = $2;")
    .replace(/\.(?:length|size)\(\)/g, ".length")
    .replaceAll("::", ".");
