/** Which commands a few typed letters mean, best first. Pure. */

export interface Command {
  label: string;
  /** Further words by which it is found. */
  words: string;
  /** Between equals the heavier one comes first. */
  weight: number;
  /** Shown only when something is typed. */
  onlyAsked?: boolean;
}

export function rank<T extends Command>(commands: readonly T[], text: string): T[] {
  const wanted = text.toLowerCase().split(/\s+/).filter((word) => word !== "");
  if (wanted.length === 0) return commands.filter(({ onlyAsked }) => onlyAsked !== true);
  const scored = commands.flatMap((command) => {
    const score = scoreOf(command, wanted);
    return score === null ? [] : [{ command, score }];
  });
  scored.sort((a, b) => b.score - a.score || b.command.weight - a.command.weight || a.command.label.length - b.command.label.length);
  return scored.map(({ command }) => command);
}

/** Null unless every word is found; the beginning of a word counts for more than its middle. */
function scoreOf({ label, words }: Command, wanted: readonly string[]): number | null {
  const title = label.toLowerCase();
  let score = 0;
  for (const word of wanted) {
    if (title === word) score += 8;
    else if (title.startsWith(word)) score += 4;
    else if (title.includes(` ${word}`) || title.includes(`-${word}`)) score += 3;
    else if (title.includes(word)) score += 2;
    else if (words.toLowerCase().includes(word)) score += 1;
    else return null;
  }
  return score;
}
