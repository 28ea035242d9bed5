/** Instead of a list without rows that has an older page. @param searcher what looks through the tasks, as the beginning of a sentence. */
export function BeyondNewest({ searcher }: { searcher: string }) {
  return (
    <section className="empty">
      <h2>Not among the newest tasks</h2>
      <p>{searcher} looks at 10,000 tasks at a time. Older → looks at the next ones.</p>
    </section>
  );
}
