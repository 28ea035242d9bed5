import { useDeferredValue, useMemo, useState } from "react";
import type { DebugReport } from "../api/types.ts";
import { formatCount } from "../shell/amounts.ts";
import { selectorHits } from "./selector-hits.ts";

const FORMS = ["Preview", "Source", "Headers"] as const;

/** The page of a step: how it looks, its source and headers, and what a selector matches in it. */
export function PageView({ page }: { page: DebugReport["page"] }) {
  const [form, setForm] = useState<(typeof FORMS)[number]>("Preview");
  return (
    <>
      <SelectorBox html={page.text} />
      <div className="step-tabs" role="tablist" aria-label="Forms of the page">
        {FORMS.map((name) => (
          <button key={name} type="button" role="tab" className="quiet" aria-selected={name === form} onClick={() => setForm(name)}>
            {name}
          </button>
        ))}
      </div>
      <div role="tabpanel" aria-label={form}>
        {page.isCut && <p className="muted">Only the first MiB is shown.</p>}
        {/* Without any permission: it runs no script, sends no form and leads nowhere; the policy of this page also loads nothing. */}
        {form === "Preview" && <iframe className="preview" title={`Preview of ${page.url}`} sandbox="" srcDoc={page.text} />}
        {form === "Source" && <pre className="step-text">{page.text}</pre>}
        {form === "Headers" && (
          <pre className="step-text">
            {[`${page.statusCode} ${page.url}`, ...Object.entries(page.headers).map(([name, value]) => `${name}: ${value}`)].join("\n")}
          </pre>
        )}
      </div>
    </>
  );
}

function SelectorBox({ html }: { html: string }) {
  const [selector, setSelector] = useState("");
  const tried = useDeferredValue(selector.trim());
  const hits = useMemo(() => (tried === "" ? { count: 0, samples: [] } : selectorHits(html, tried)), [html, tried]);
  return (
    <div className="selector-box">
      <input
        aria-label="CSS selector to try on this page"
        placeholder="CSS selector, such as h3 a"
        spellCheck={false}
        value={selector}
        aria-invalid={hits === undefined}
        onChange={({ target }) => setSelector(target.value)}
      />
      <span role="status">{tried === "" ? "" : hits ? `${formatCount(hits.count)} hits` : "not a selector"}</span>
      {hits && hits.samples.length > 0 && (
        <ol className="step-text">
          {hits.samples.map((sample, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: samples have no identity, and may repeat.
            <li key={index}>{sample}</li>
          ))}
        </ol>
      )}
    </div>
  );
}
