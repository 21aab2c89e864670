import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";

import { IconButton } from "./button";
import "./dialog.css";

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  /** The buttons, the one that does it last. */
  footer?: ComponentChildren;
  wide?: boolean;
  /** Makes it a form: Enter does what its submit button does. */
  onSubmit?: () => void;
}

/** A modal dialog of the browser: it keeps the focus, closes by Escape and gives the focus back. */
export function Dialog({ title, onClose, children, footer, wide = false, onSubmit }: DialogProps) {
  const ref = useModal(onClose);
  const id = useId();
  return (
    <dialog ref={ref} class={wide ? "dialog dialog-wide" : "dialog"} aria-labelledby={id}>
      <form
        method="dialog"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit?.();
        }}
      >
        <div class="dialog-head">
          <h2 id={id}>{title}</h2>
          <IconButton icon="close" label="Close" onClick={onClose} />
        </div>
        <div class="dialog-body">{children}</div>
        {footer !== undefined && <div class="dialog-foot">{footer}</div>}
      </form>
    </dialog>
  );
}

/** Opens a `<dialog>` as modal as long as it is there; a click beside it and Escape close it. */
export function useModal(onClose: () => void) {
  const ref = useRef<HTMLDialogElement>(null);
  const close = useRef(onClose);
  close.current = onClose;
  // Before the next paint: what is typed right after the key that opened it is meant for it.
  useLayoutEffect(() => {
    const dialog = ref.current;
    if (dialog === null) return;
    const before = document.activeElement;
    dialog.showModal();
    dialog.querySelector<HTMLElement>(`[data-autofocus="true"]`)?.focus();
    const cancel = (event: Event): void => {
      event.preventDefault();
      close.current();
    };
    const beside = (event: MouseEvent): void => {
      if (event.target === dialog) close.current();
    };
    dialog.addEventListener("cancel", cancel);
    dialog.addEventListener("mousedown", beside);
    return () => {
      dialog.removeEventListener("cancel", cancel);
      dialog.removeEventListener("mousedown", beside);
      dialog.close();
      // It leaves the document before the browser would give the focus back.
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return ref;
}
