/** A typed command as the words it is run as. Pure. There is no shell: nothing is expanded, only quotes are understood. */

export type Words = { words: string[]; problem: null } | { words: string[]; problem: string };

export function splitWords(text: string): Words {
  const words: string[] = [];
  let word: string | null = null;
  let quote: '"' | "'" | null = null;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? "";
    if (quote === "'") {
      if (char === "'") quote = null;
      else word += char;
    } else if (char === "\\") {
      const next = text[at + 1];
      if (next === undefined) return { words: done(words, word), problem: "ends with a lone backslash" };
      // Between double quotes a backslash is itself, unless it keeps a quote or another one.
      word = (word ?? "") + (quote === '"' && next !== '"' && next !== "\\" ? char + next : next);
      at += 1;
    } else if (quote === '"') {
      if (char === '"') quote = null;
      else word += char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= "";
    } else if (/\s/.test(char)) {
      words.push(...done([], word));
      word = null;
    } else {
      word = (word ?? "") + char;
    }
  }
  const all = done(words, word);
  return quote === null ? { words: all, problem: null } : { words: all, problem: `the quote ${quote} is not closed` };
}

function done(words: string[], word: string | null): string[] {
  return word === null ? words : [...words, word];
}

/** What looks like a wish to a shell, which there is not. */
export function shellHint(words: readonly string[]): string | null {
  const found = words.find((word) => /^(\||\|\||&&|;|>|>>|<|2>&1|&)$/.test(word) || /^\$\(|^\$[A-Za-z_{]/.test(word));
  return found === undefined ? null : `${found} is passed on as it is: no shell is started. If the image has one, run sh -c '…'.`;
}
