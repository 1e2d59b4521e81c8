/**
 * Returns the cores that a process could be moved to, as the kernel writes lists; null where there are none.
 *
 * | the process may run on | chosen |
 * |---|---|
 * | some cores, and those near its device are others | those near its device |
 * | some cores of the node | all others |
 * | all cores | the half that was least busy |
 *
 * @param online, allowed, near lists as the kernel writes them: `0-3,8`. `near` is empty where no device has a place.
 * @param busyShares by number of core, 0 to 1; a core without one counts as busy.
 */
export function chooseOtherCores(
  { online, allowed, near }: { readonly online: string; readonly allowed: string; readonly near: string },
  busyShares: ReadonlyMap<number, number>,
): string | null {
  const here = readCpuList(online);
  const now = new Set(readCpuList(allowed));
  const nearby = readCpuList(near).filter((cpu) => here.includes(cpu));
  if (nearby.length > 0 && nearby.some((cpu) => !now.has(cpu))) return formatCpuList(nearby);
  const others = here.filter((cpu) => !now.has(cpu));
  if (others.length > 0) return formatCpuList(others);
  const calmest = here.toSorted((a, b) => (busyShares.get(a) ?? 1) - (busyShares.get(b) ?? 1));
  const chosen = calmest.slice(0, Math.floor(here.length / 2));
  return chosen.length === 0 ? null : formatCpuList(chosen);
}

/** Returns the cores of `0-3,8` in order; none of an empty text. */
export const readCpuList = (text: string): readonly number[] =>
  text
    .trim()
    .split(',')
    .flatMap((part) => {
      const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? [];
      if (first === undefined || last === undefined) return [];
      const [from, to] = [Number(first), Math.min(Number(last), Number(first) + 100_000)];
      return Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at);
    });

/** Returns cores as the kernel writes them, so that what is read back is the same text. */
export function formatCpuList(cpus: readonly number[]): string {
  const sorted = [...new Set(cpus)].toSorted((a, b) => a - b);
  const parts: string[] = [];
  for (let at = 0; at < sorted.length;) {
    let end = at;
    while (sorted[end + 1] === (sorted[end] ?? 0) + 1) end += 1;
    parts.push(end === at ? `${sorted[at]}` : `${sorted[at]}-${sorted[end]}`);
    at = end + 1;
  }
  return parts.join(',');
}
