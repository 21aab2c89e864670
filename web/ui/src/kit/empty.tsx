import type { ComponentChildren } from "preact";

import { Icon, type IconName } from "./icons";
import "./empty.css";

interface EmptyProps {
  icon: IconName;
  title: string;
  /** It is all there is on the page, so its title is the page's. */
  whole?: boolean;
  children?: ComponentChildren;
  actions?: ComponentChildren;
}

/** Where there is nothing to show: what that means and what to do. */
export function EmptyState({ icon, title, whole = false, children, actions }: EmptyProps) {
  return (
    <div class="empty">
      <Icon name={icon} />
      {whole ? <h1>{title}</h1> : <h2>{title}</h2>}
      {children !== undefined && <p>{children}</p>}
      {actions !== undefined && <div class="empty-actions">{actions}</div>}
    </div>
  );
}
