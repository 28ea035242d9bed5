import assert from "node:assert/strict";
import { test } from "node:test";
import { environmentManager, QueryObserver } from "@tanstack/query-core";
import { POLL_MS, store } from "../../../../services/webui/pages/api/store.ts";

test("data that an event source puts into the store reaches its components, and is polled only when the events stop", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  // Without a window the library takes this process for a server, which does not poll.
  environmentManager.setIsServer(() => false);
  let requests = 0;
  const queryFn = async () => `answer ${++requests}`;
  const observer = new QueryObserver(store, { queryKey: ["/books"], queryFn, refetchInterval: POLL_MS });
  const unsubscribe = observer.subscribe(() => {});
  const pass = async (ms: number) => {
    t.mock.timers.tick(ms);
    await new Promise(setImmediate);
  };
  await pass(0);

  for (let event = 1; event <= 5; event++) {
    store.setQueryData(["/books"], `event ${event}`);
    await pass(POLL_MS - 1);
    assert.equal(observer.getCurrentResult().data, `event ${event}`);
  }
  const duringEvents = requests;
  await pass(1);
  await pass(POLL_MS);

  assert.equal(duringEvents, 1);
  assert.equal(observer.getCurrentResult().data, "answer 3");
  unsubscribe();
  store.clear();
});
