/** Who said something of an agent, in words. Pure. */

import { inert } from "../../state/inert";

const BY_WORDS: Readonly<Record<string, string>> = { operator: "an operator", dispatcher: "the dispatcher", agent: "the agent itself" };

/** Who said it. */
export function byWord(by: string, holder: string | undefined): string {
  const word = BY_WORDS[by] ?? by.replaceAll("_", " ");
  return holder === undefined || holder === "" ? word : `${word} (${inert(holder)})`;
}
