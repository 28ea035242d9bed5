/** The steps that a task wants in its rendered page. */
import type { Action } from "../core/protocol/render-options.ts";
import { describeWait, type Waiting, waitFor, waitForElement, waitForQuiet } from "./wait-for.ts";

/** A list that grows forever ends here. */
const MAX_SCROLLS = 200;

/** For messages: `click "#more"`. */
export function describeAction(action: Action): string {
  if ("waitFor" in action) return `waitFor ${describeWait(action.waitFor)}`;
  const [name, target] = Object.entries(action)[0] as [string, string];
  return `${name} ${JSON.stringify(target)}`;
}

/** Waits for the element, acts, and waits for quiet. Rejects with RenderOptionError for an invalid selector, and with Chromium's errors. */
export async function act(waiting: Waiting, action: Action): Promise<void> {
  if ("waitFor" in action) return await waitFor(waiting, action.waitFor);
  if ("scroll" in action) return await scrollToEnd(waiting);
  const { page, network } = waiting;
  const selector = "click" in action ? action.click : "type" in action ? action.type : action.select;
  await waitForElement(waiting, selector);
  network.mark();
  if ("click" in action) await page.click(selector);
  else if ("type" in action) {
    await page.click(selector, { count: 3 });
    await page.type(selector, action.text);
  } else await page.select(selector, action.value);
  await waitForQuiet(waiting);
}

const HEIGHT = "document.scrollingElement?.scrollHeight ?? 0";

async function scrollToEnd(waiting: Waiting): Promise<void> {
  const { page, network, onCut } = waiting;
  const heightOf = async () => Number(await page.evaluate(HEIGHT));
  let height = -1;
  for (let round = 0; round < MAX_SCROLLS; round++) {
    const next = await heightOf();
    if (next <= height) return;
    height = next;
    network.mark();
    await page.evaluate(`window.scrollTo(0, ${HEIGHT})`);
    await waitForQuiet(waiting);
  }
  onCut(`the page still grew after ${MAX_SCROLLS} scrolls to its end`);
}
