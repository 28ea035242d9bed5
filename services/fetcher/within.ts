/** What `work` resolves to; rejects with `late()` if that takes longer than until `deadline` (`performance.now()`). */
export async function within<T>(work: Promise<T>, deadline: number, late: () => Error): Promise<T> {
  const tooLate = Promise.withResolvers<never>();
  const timer = setTimeout(() => tooLate.reject(late()), Math.max(0, deadline - performance.now()));
  return await Promise.race([work, tooLate.promise]).finally(() => clearTimeout(timer));
}
