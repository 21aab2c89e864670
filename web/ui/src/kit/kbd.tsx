import type { ComponentChildren } from "preact";

import "./kbd.css";

export function Kbd({ children }: { children: ComponentChildren }) {
  return <kbd class="kbd">{children}</kbd>;
}
