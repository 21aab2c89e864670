/** Who the page is to the server. */

import { signal } from "@preact/signals";

import * as calls from "../api/calls";
import { whenUnauthorized } from "../api/http";
import type { Session } from "../api/types";
import { go, signInPath } from "../route";
import { tell } from "./live";

export const session = signal<Session | null>(null);

export function startSession(): void {
  whenUnauthorized(() => {
    session.value = null;
    tell({ kind: "unauthorized" });
    go(signInPath(), { replace: true });
  });
  // For the version and how one is signed in; the stream finds out by itself when nobody is.
  calls.session().then(
    (found) => {
      session.value = found;
    },
    () => {},
  );
}

export async function signIn(by: { token: string } | { code: string }): Promise<void> {
  session.value = await calls.signIn(by);
  tell({ kind: "signed_in" });
}

export async function signOut(): Promise<void> {
  await calls.signOut();
  session.value = null;
  tell({ kind: "signed_out" });
  go("/sign-in");
}
