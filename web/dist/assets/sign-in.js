import { c as A, h as $, p as d, t as a } from "./vendor-preact.js";
import { I as signIn, X as go, et as search, ft as TextInput, ht as Button, it as wayBack, lt as Field, st as Problem } from "./common.js";
import { t as Mark } from "./index.js";
// src/views/sign-in/sign-in.tsx
/** In by the token of the data directory, or by a code in the address that the command line printed. */
function SignInView() {
	const [token, setToken] = d("");
	const [busy, setBusy] = d(false);
	const [error, setError] = d(null);
	const attempt = async (by) => {
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
	A(() => {
		const tryCode = () => {
			const code = new URLSearchParams(location.hash.slice(1)).get("code");
			if (code === null) return;
			history.replaceState(null, "", location.pathname + location.search);
			attempt({ code });
		};
		tryCode();
		addEventListener("hashchange", tryCode);
		return () => removeEventListener("hashchange", tryCode);
	}, []);
	return /* @__PURE__ */ a("div", {
		class: "sign-in",
		children: /* @__PURE__ */ a("form", {
			class: "card sign-in-card",
			onSubmit: (event) => {
				event.preventDefault();
				if (token.trim() !== "") attempt({ token: token.trim() });
			},
			children: [
				/* @__PURE__ */ a(Mark, {}),
				/* @__PURE__ */ a("h1", { children: "Sign in to claude-hooks" }),
				error !== null && /* @__PURE__ */ a(Problem, { error }),
				/* @__PURE__ */ a(Field, {
					label: "Token",
					hint: /* @__PURE__ */ a($, { children: [
						"The line in the file ",
						/* @__PURE__ */ a("code", { children: "token" }),
						" of the data directory."
					] }),
					children: (attributes) => /* @__PURE__ */ a(TextInput, {
						...attributes,
						type: "password",
						name: "token",
						autocomplete: "current-password",
						autofocus: true,
						value: token,
						onInput: (event) => setToken(event.currentTarget.value)
					})
				}),
				/* @__PURE__ */ a(Button, {
					type: "submit",
					kind: "primary",
					busy,
					disabled: token.trim() === "",
					children: "Sign in"
				}),
				/* @__PURE__ */ a("p", {
					class: "sign-in-other",
					children: [
						"On the supervisor's machine, ",
						/* @__PURE__ */ a("code", { children: "claude-hooks dashboard" }),
						" opens a link that signs in without it."
					]
				})
			]
		})
	});
}
export { SignInView };
