/** A web UI with a project `bench` of as many results as the argument says; prints its port. Ends with its standard input. */
import { createMemoryQueues } from "../../services/core/queue/memory.ts";
import { createLog } from "../../services/core/runtime/log.ts";
import { openEmbedded } from "../../services/core/store/embedded.ts";
import { startWebui } from "../../services/webui/run.ts";
import { temporaryDirectory } from "../fixtures/temporary-directory.ts";
import { TOKEN } from "../fixtures/webui.ts";

using directory = temporaryDirectory();
const database = await openEmbedded(`${directory.path}/database`, { isDurable: false });
await database.query("insert into projects (name) values ('bench')");
await database.exec("set statement_timeout = 0");
for (let done = 0; done < Number(process.argv[2]); done += 50_000) {
  await database.query(
    `insert into results (project, taskid, index, url, result, updatetime)
     select 'bench', md5(n::text), 0, 'http://shop.test/product/' || n, json_build_object('title', 'Product ' || n || ' of "many", with a long name',
       'price', n % 1000 / 10.0, 'sku', '00' || n, 'isNew', n % 2 = 0, 'tags', json_build_array('a', n), 'text', repeat('words and ', 12)), 1700000000
     from generate_series($1::integer, $2::integer) as n`,
    [done + 1, Math.min(done + 50_000, Number(process.argv[2]))],
  );
}
await database.exec("vacuum analyze results");
const queues = createMemoryQueues();
const settings = { host: "127.0.0.1", port: 0, adminToken: TOKEN, maxRate: 10, maxBurst: 20 };
const webui = await startWebui({ database, queues, settings, log: createLog("webui", "silent") });
process.stdout.write(`${webui.port}\n`);
for await (const _chunk of process.stdin);
await webui[Symbol.asyncDispose]();
await queues.close();
await database.close();
