import { useEffect, useState } from "react";

/** A value once it has not changed for `ms` milliseconds: for requests that need not follow each key. It has to keep its identity meanwhile. */
export function useSettled<T>(value: T, ms: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}
