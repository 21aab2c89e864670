import "./sign-in.css";

import { useEffect, useState } from "preact/hooks";

import { Button } from "../../kit/button";
import { Field, TextInput } from "../../kit/field";
import { Problem } from "../../kit/notice";
import { go, search, wayBack } from "../../route";
import { Mark } from "../../shell/head";
import { signIn } from "../../state/session";

/** In by the token of the data directory, or by a code in the address that the command line printed. */
export function SignInView() {
  const [token, setToken] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const attempt = async (by: { token: string } | { code: string }): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await signIn(by);
      go(wayBack(search.peek()), { replace: true });
    } catch (found) {
      setError(found);
      setBusy(false);
    }
  };
  useEffect(() => {
    const tryCode = (): void => {
      const code = new URLSearchParams(location.hash.slice(1)).get("code");
      if (code === null) return;
      // A code works once: it must not stay in the address or in the history.
      history.replaceState(null, "", location.pathname + location.search);
      void attempt({ code });
    };
    tryCode();
    // A link that is opened where this page already is only changes what follows the #.
    addEventListener("hashchange", tryCode);
    return () => removeEventListener("hashchange", tryCode);
  }, []);
  return (
    <div class="sign-in">
      <form
        class="card sign-in-card"
        onSubmit={(event) => {
          event.preventDefault();
          if (token.trim() !== "") void attempt({ token: token.trim() });
        }}
      >
        <Mark />
        <h1>Sign in to claude-hooks</h1>
        {error !== null && <Problem error={error} />}
        <Field label="Token" hint={<>The line in the file <code>token</code> of the data directory.</>}>
          {(attributes) => (
            <TextInput
              {...attributes}
              type="password"
              name="token"
              autocomplete="current-password"
              autofocus
              value={token}
              onInput={(event) => setToken(event.currentTarget.value)}
            />
          )}
        </Field>
        <Button type="submit" kind="primary" busy={busy} disabled={token.trim() === ""}>
          Sign in
        </Button>
        <p class="sign-in-other">
          On the supervisor's machine, <code>claude-hooks dashboard</code> opens a link that signs in without it.
        </p>
      </form>
    </div>
  );
}
