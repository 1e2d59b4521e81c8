/** Returns the longest time that the thread computed before other work of the process could begin, milliseconds. */
export async function measureLongestHold(work: () => Promise<void>): Promise<number> {
  let [lastMs, longestMs] = [threadMs(), 0];
  const look = (): void => {
    const nowMs = threadMs();
    longestMs = Math.max(longestMs, nowMs - lastMs);
    lastMs = nowMs;
  };
  let ticking = setImmediate(function tick() {
    look();
    ticking = setImmediate(tick);
  });
  await work();
  look();
  clearImmediate(ticking);
  return longestMs;
}

/** Computing time of this thread so far: other programs of the machine do not count. */
function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
