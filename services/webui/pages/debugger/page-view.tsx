import { useDeferredValue, useMemo, useState } from "react";
import type { DebugReport } from "../api/types.ts";
import { Tabs } from "../shell/tabs.tsx";
import { ElementTree } from "./element-tree.tsx";
import { parsePage, selectorOf, textOf } from "./page-document.ts";
import { safeCopy } from "./safe-copy.ts";
import { hitsOf, type Selector, SelectorBox } from "./selector-box.tsx";

type Form = "Preview" | "Elements" | "Source" | "Text" | "JSON" | "Headers" | "Screenshot";

/** The page of a step: how it looks, its source and headers, and what a selector matches in it. */
export function PageView({ page, onInsert }: { page: DebugReport["page"]; onInsert: (code: string) => void }) {
  const json = useMemo(() => readJson(page.text), [page.text]);
  const forms: Form[] = [
    ...(json === undefined ? (["Preview", "Elements", "Source", "Text"] as const) : (["JSON", "Source"] as const)),
    "Headers",
    ...(page.screenshot ? (["Screenshot"] as const) : []),
  ];
  const [chosen, setChosen] = useState<Form>();
  const [selector, setSelector] = useState<Selector>({ kind: "CSS", text: "" });
  const form = chosen && forms.includes(chosen) ? chosen : (forms[0] ?? "Headers");
  const document = useMemo(() => parsePage(page.text), [page.text]);
  const tried = useDeferredValue(selector);
  const hits = useMemo(() => hitsOf(document, tried), [document, tried]);
  const preview = useMemo(
    () =>
      safeCopy(
        document,
        (hits ?? []).filter((hit) => typeof hit !== "string"),
      ),
    [document, hits],
  );
  return (
    <>
      {json === undefined && <SelectorBox selector={selector} hits={hits} onChange={setSelector} onInsert={onInsert} />}
      <Tabs label="Forms of the page" names={forms} chosen={form} onChoose={setChosen}>
        {page.isCut && <p className="muted">Only the first MiB is shown.</p>}
        {/* A copy without scripts, addresses and styles, in a frame without any permission; the policy of this page applies to it, too. */}
        {form === "Preview" && <iframe className="preview" title={`Preview of ${page.url}`} sandbox="" srcDoc={preview} />}
        {form === "Elements" && (
          <ElementTree page={document} onPick={(element) => setSelector({ kind: "CSS", text: selectorOf(element) })} />
        )}
        {form === "Source" && <pre className="step-text">{page.text}</pre>}
        {form === "Text" && <pre className="step-text">{textOf(document)}</pre>}
        {form === "JSON" && <pre className="step-text">{JSON.stringify(json, null, 2)}</pre>}
        {form === "Headers" && (
          <pre className="step-text">
            {[`${page.statusCode} ${page.url}`, ...Object.entries(page.headers).map(([name, value]) => `${name}: ${value}`)].join("\n")}
          </pre>
        )}
        {form === "Screenshot" && (
          <img className="screenshot" src={`data:image/png;base64,${page.screenshot}`} alt={`Screenshot of ${page.url}`} />
        )}
      </Tabs>
    </>
  );
}

/** Undefined if the text is not an object or a list in JSON. */
function readJson(text: string): unknown {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
