/** Text from containers and docker as it may be shown. Pure. */

/** Controls and marks that turn the direction of what follows, as escapes: nothing is hidden and nothing is moved. */
export function inert(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, escape);
}

/** Ids of images within a text, as short as docker shows them. */
export function shortIds(text: string): string {
  return text.replace(/(?:sha256:)?\b([0-9a-f]{12})[0-9a-f]{52}\b/g, "$1");
}

/** Any value as JSON for reading. */
export function pretty(value: unknown): string {
  return inert(JSON.stringify(value, null, 2) ?? "null");
}

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
