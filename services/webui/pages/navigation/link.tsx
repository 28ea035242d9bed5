import type { ComponentProps, MouseEvent } from "react";
import { navigate } from "./location-store.ts";

/** A link to one of our pages: a plain click changes the page without loading it again. */
export function Link({ href, ...rest }: ComponentProps<"a"> & { href: string }) {
  const onClick = (event: MouseEvent) => {
    const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    if (!isPlain) return;
    event.preventDefault();
    navigate(href);
  };
  return <a href={href} onClick={onClick} {...rest} />;
}
