import type { ComponentChildren } from "preact";

import { Icon, type IconName } from "./icons";
import "./empty.css";

interface EmptyProps {
  icon: IconName;
  title: string;
  children?: ComponentChildren;
  actions?: ComponentChildren;
}

/** Where there is nothing to show: what that means and what to do. */
export function EmptyState({ icon, title, children, actions }: EmptyProps) {
  return (
    <div class="empty">
      <Icon name={icon} />
      <h2>{title}</h2>
      {children !== undefined && <p>{children}</p>}
      {actions !== undefined && <div class="empty-actions">{actions}</div>}
    </div>
  );
}
