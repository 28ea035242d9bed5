import type { DeadLetters } from "../api/types.ts";
import { Link } from "../navigation/link.tsx";
import { addresses } from "../navigation/route.ts";
import { formatCount } from "../shell/amounts.ts";
import { type Column, ListTable } from "../shell/list-table.tsx";
import { Time } from "../shell/time.tsx";
import "./dead-letter-tables.css";

const columns = (...titles: string[]): Column[] => titles.map((title) => ({ title }));
const MESSAGE_COLUMNS = columns("time", "project", "task", "queue", "deliveries", "reason");
const REQUEST_COLUMNS = columns("time", "beginning", "reason");

/** What was given up, with the reasons; nothing if nothing was. */
export function DeadLetterTables({ messages, requests }: DeadLetters) {
  return (
    <>
      {messages.length > 0 && (
        <section className="cluster-part">
          <h2>Dead letters</h2>
          <p className="muted">Each of these messages crashed the workers that got it. Its task has failed and can be run again.</p>
          <Messages messages={messages} />
        </section>
      )}
      {requests.length > 0 && (
        <section className="cluster-part">
          <h2>Rejected requests</h2>
          <p className="muted">The scheduler could not read these requests, and changed nothing.</p>
          <Requests requests={requests} />
        </section>
      )}
    </>
  );
}

function Messages({ messages }: Pick<DeadLetters, "messages">) {
  return (
    <ListTable className="dead-letters" caption="Dead letters, the newest first" columns={MESSAGE_COLUMNS}>
      {messages.map(({ project, taskid, url, time, queue, deliveries, reason }) => (
        <tr key={`${project} ${taskid} ${time}`}>
          <td className="time">
            <Time at={time} />
          </td>
          <td>{project}</td>
          <td className="long">{url === null ? taskid : <Link href={addresses.task(project, taskid)}>{url}</Link>}</td>
          <td>{queue}</td>
          <td>{formatCount(deliveries)}</td>
          <td className="long">{reason}</td>
        </tr>
      ))}
    </ListTable>
  );
}

function Requests({ requests }: Pick<DeadLetters, "requests">) {
  return (
    <ListTable className="dead-letters" caption="Rejected requests, the newest first" columns={REQUEST_COLUMNS}>
      {requests.map(({ id, time, request, reason }) => (
        <tr key={id}>
          <td className="time">
            <Time at={time} />
          </td>
          <td className="long">
            <code>{request}</code>
          </td>
          <td className="long">{reason}</td>
        </tr>
      ))}
    </ListTable>
  );
}
