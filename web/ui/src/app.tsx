/** The page's frame: head, banners, the view of the route, dialogs and the tray of what is under way. */

import "./app.css";

import { useEffect, useState } from "preact/hooks";

import { Dialogs } from "./dialogs/dialogs";
import { Button } from "./kit/button";
import { EmptyState } from "./kit/empty";
import { Link } from "./kit/link";
import { type Route, type View, route } from "./route";
import { Banner } from "./shell/banner";
import { Head } from "./shell/head";
import { useGlobalKeys } from "./shell/keys";
import { Tray } from "./shell/tray";
import { arrived, dockerReachable } from "./state/store";
import { isLive } from "./state/live";
import { FIRST, LAZY, type ViewComponent } from "./views";

export function App() {
  useGlobalKeys();
  const at = route.value;
  const old = arrived.value && !isLive.value && at.view !== "sign-in";
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      {at.view !== "sign-in" && <Head />}
      {at.view !== "sign-in" && <Banner />}
      <main id="main" tabIndex={-1} class="main" data-old={old} data-docker={dockerReachable.value ?? undefined}>
        <Page route={at} />
      </main>
      <Tray />
      <Dialogs />
    </>
  );
}

const loaded = new Map<View, ViewComponent>([["fleet", FIRST]]);

function Page({ route: at }: { route: Route }) {
  const [, repaint] = useState(0);
  const [failed, setFailed] = useState<View | null>(null);
  const View = loaded.get(at.view);
  const load = LAZY[at.view];
  const fetchView = (): void => {
    setFailed(null);
    load?.().then(
      (view) => {
        loaded.set(at.view, view);
        repaint((count) => count + 1);
      },
      () => setFailed(at.view),
    );
  };
  useEffect(() => {
    if (View === undefined) fetchView();
  }, [at.view]);
  if (View !== undefined) return <View route={at} />;
  if (load === undefined) return <Nowhere />;
  if (failed !== at.view) return <div class="page-wait" role="status" aria-label="Loading" />;
  return (
    <EmptyState
      icon="alert"
      title="This page could not be fetched"
      whole
      actions={<Button onClick={fetchView}>Try again</Button>}
    >
      The server did not deliver it. If the supervisor was updated meanwhile, reload the window.
    </EmptyState>
  );
}

function Nowhere() {
  return (
    <EmptyState icon="question" title="There is nothing here" whole>
      <Link class="text-link" href="/">
        Go to the fleet
      </Link>
    </EmptyState>
  );
}
