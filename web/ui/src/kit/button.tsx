import type { ComponentChildren, ComponentProps } from "preact";

import { Icon, type IconName } from "./icons";
import "./button.css";

interface Common {
  icon?: IconName;
  kind?: "primary" | "plain" | "quiet" | "danger";
  small?: boolean;
  /** Shows that it is under way, and takes no further press. */
  busy?: boolean;
}

type ButtonProps = Common & Omit<ComponentProps<"button">, "icon" | "size"> & { children: ComponentChildren };

export function Button({ icon, kind = "plain", small = false, busy = false, children, class: extra, ...rest }: ButtonProps) {
  const names = ["button", `button-${kind}`, small ? "button-small" : "", extra ?? ""].filter(Boolean).join(" ");
  return (
    <button type="button" {...rest} class={names} aria-busy={busy} disabled={busy || rest.disabled === true}>
      {busy ? <Icon name="spin" class="spinning" /> : icon !== undefined && <Icon name={icon} />}
      <span>{children}</span>
    </button>
  );
}

type IconButtonProps = Omit<ComponentProps<"button">, "icon"> & { icon: IconName; label: string };

/** A button that is only an icon; its label is read out and shown as a tooltip. */
export function IconButton({ icon, label, class: extra, ...rest }: IconButtonProps) {
  const names = extra === undefined ? "icon-button" : `icon-button ${String(extra)}`;
  return (
    <button type="button" title={label} {...rest} class={names} aria-label={label}>
      <Icon name={icon} />
    </button>
  );
}
