import type { ComponentProps, MouseEvent } from "react";
import { navigate, openBeside } from "./location-store.ts";

interface LinkProps extends ComponentProps<"a"> {
  href: string;
  /** What a plain click opens instead: the same page, with something beside what it shows. */
  beside?: string | undefined;
}

/** A link to one of our pages: a plain click changes the page without loading it again. */
export function Link({ href, beside, ...rest }: LinkProps) {
  const onClick = (event: MouseEvent) => {
    const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    if (!isPlain) return;
    event.preventDefault();
    if (beside === undefined) navigate(href);
    else openBeside(beside);
  };
  return <a href={href} onClick={onClick} {...rest} />;
}
