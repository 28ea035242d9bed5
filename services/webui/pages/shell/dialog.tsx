import { type ReactNode, useEffect, useId, useRef } from "react";
import { useSession } from "../session/use-session.ts";
import "./dialog.css";

/** A modal dialog for as long as it is rendered. Escape and a click outside close it. */
export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const { isLoggedIn } = useSession();
  useEffect(() => {
    // A modal dialog blocks everything else, the login too.
    if (!isLoggedIn) return;
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, [isLoggedIn]);
  return (
    <dialog
      ref={dialog}
      className="dialog"
      aria-labelledby={titleId}
      closedby="any"
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <h2 id={titleId}>{title}</h2>
      {children}
    </dialog>
  );
}
