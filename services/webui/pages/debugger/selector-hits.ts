/** What a CSS selector matches in a page's HTML. The document is inert: nothing of it runs or is loaded. */

export interface SelectorHits {
  count: number;
  /** The text of the first hits, each on one line. */
  samples: string[];
}

const SAMPLES = 20;
const SAMPLE_LENGTH = 120;

/** @returns undefined for an invalid selector. */
export function selectorHits(html: string, selector: string): SelectorHits | undefined {
  const page = new DOMParser().parseFromString(html, "text/html");
  try {
    const hits = [...page.querySelectorAll(selector)];
    return { count: hits.length, samples: hits.slice(0, SAMPLES).map(sampleOf) };
  } catch {
    return undefined;
  }
}

function sampleOf(element: Element): string {
  const text = element.textContent.replace(/\s+/g, " ").trim();
  return (text === "" ? element.outerHTML : text).slice(0, SAMPLE_LENGTH);
}
