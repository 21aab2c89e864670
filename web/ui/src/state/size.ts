/** Amounts as words. Pure. */

/** `312 MB`, `1.4 GB`: binary units under their usual names, as docker's limits are meant. */
export function bytes(amount: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let value = amount;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit > 0 && value < 10 ? 1 : 0;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

/** `0.4 %`, `38 %`; of one core, so 200 % are two. */
export function percent(value: number): string {
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} %`;
}
