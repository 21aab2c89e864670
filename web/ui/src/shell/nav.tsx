import { Link } from "../kit/link";
import { type View, route } from "../route";
import { LAZY } from "../views";

interface Entry {
  label: string;
  href: string;
  /** The views that belong to it; the first is its own. */
  views: readonly View[];
}

const ENTRIES: readonly Entry[] = [
  { label: "Fleet", href: "/", views: ["fleet", "agent"] },
  { label: "Tasks", href: "/tasks", views: ["tasks", "task"] },
  { label: "Rollouts", href: "/rollouts", views: ["rollouts", "rollout"] },
  { label: "Timeline", href: "/timeline", views: ["timeline"] },
  { label: "Events", href: "/events", views: ["events"] },
  { label: "Plan", href: "/plan", views: ["plan"] },
];

/** The pages there are. */
export const entries = (): readonly Entry[] =>
  ENTRIES.filter(({ views: [own = "fleet"] }) => own === "fleet" || LAZY[own] !== undefined);

export function Nav() {
  const here = route.value.view;
  return (
    <nav class="nav" aria-label="Pages">
      {entries().map(({ label, href, views }) => (
        <Link key={href} class="nav-link" href={href} aria-current={views.includes(here) ? "page" : undefined}>
          {label}
        </Link>
      ))}
    </nav>
  );
}
