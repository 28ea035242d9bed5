import type { DeadLetters } from "../api/types.ts";
import { Link } from "../navigation/link.tsx";
import { addresses } from "../navigation/route.ts";
import { formatCount } from "../shell/amounts.ts";
import "../shell/list-table.css";
import { Time } from "../shell/time.tsx";
import "./dead-letter-tables.css";

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
    <div className="panel scroll">
      <table className="dead-letters list-table">
        <caption className="hidden-text">Dead letters, the newest first</caption>
        <thead>
          <tr>
            <th scope="col">time</th>
            <th scope="col">project</th>
            <th scope="col">task</th>
            <th scope="col">queue</th>
            <th scope="col">deliveries</th>
            <th scope="col">reason</th>
          </tr>
        </thead>
        <tbody>
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
        </tbody>
      </table>
    </div>
  );
}

function Requests({ requests }: Pick<DeadLetters, "requests">) {
  return (
    <div className="panel scroll">
      <table className="dead-letters list-table">
        <caption className="hidden-text">Rejected requests, the newest first</caption>
        <thead>
          <tr>
            <th scope="col">time</th>
            <th scope="col">beginning</th>
            <th scope="col">reason</th>
          </tr>
        </thead>
        <tbody>
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
        </tbody>
      </table>
    </div>
  );
}
