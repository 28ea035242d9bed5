/** What `work` resolves to; rejects with `late()` if that takes longer than `ms`. The work itself goes on, and its failure then is nobody's. */
export async function within<T>(work: Promise<T>, ms: number, late: () => Error): Promise<T> {
  const tooLate = Promise.withResolvers<never>();
  const timer = setTimeout(() => tooLate.reject(late()), Math.max(0, ms));
  return await Promise.race([work, tooLate.promise]).finally(() => clearTimeout(timer));
}
