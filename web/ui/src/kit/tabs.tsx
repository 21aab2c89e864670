import { Link } from "./link";
import "./tabs.css";

export interface Tab {
  id: string;
  label: string;
  href: string;
  count?: number | null;
}

/** Parts of a page, each with an address of its own, so they are links and not an ARIA tab list. */
export function Tabs({ label, tabs, current }: { label: string; tabs: readonly Tab[]; current: string }) {
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map((tab) => (
        <Link key={tab.id} class="tab" href={tab.href} aria-current={tab.id === current ? "page" : undefined}>
          {tab.label}
          {tab.count !== undefined && tab.count !== null && <span class="tab-count">{tab.count}</span>}
        </Link>
      ))}
    </nav>
  );
}
