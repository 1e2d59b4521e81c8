/**
 * Closed forms of queueing theory that the simulator is held against. Rates are per millisecond, times in milliseconds.
 */

/**
 * Share of the arrivals that c servers without a queue lose; `load` is arrival rate times mean work. By its recursion,
 * B(0) = 1, B(c) = load B(c-1) / (c + load B(c-1)). Erlang 1917; for any distribution of work: Sevastyanov 1957.
 */
export function erlangLossShare(servers: number, load: number): number {
  let loss = 1;
  for (let count = 1; count <= servers; count += 1) loss = (load * loss) / (count + load * loss);
  return loss;
}

/** Mean wait of M/M/c: C(c, load) meanWork / (c - load), with C = B / (1 - load/c (1 - B)). Erlang 1917; Kleinrock 1975, 3.5. */
export function erlangWaitMs(servers: number, arrivalsPerMs: number, meanWorkMs: number): number {
  const load = arrivalsPerMs * meanWorkMs;
  const loss = erlangLossShare(servers, load);
  const waits = loss / (1 - (load / servers) * (1 - loss));
  return (waits * meanWorkMs) / (servers - load);
}

/** Mean wait of M/G/1: rate E[S^2] / (2 (1 - rate E[S])). Pollaczek 1930, Khinchine 1932; Kleinrock 1975, 5.6. */
export function pollaczekWaitMs(arrivalsPerMs: number, meanWorkMs: number, meanSquareWork: number): number {
  return (arrivalsPerMs * meanSquareWork) / (2 * (1 - arrivalsPerMs * meanWorkMs));
}

/** Mean time in an M/G/1 queue with processor sharing: E[S] / (1 - load), whatever the distribution. Sakata et al. 1971. */
export function sharingSojournMs(arrivalsPerMs: number, meanWorkMs: number): number {
  return meanWorkMs / (1 - arrivalsPerMs * meanWorkMs);
}

/**
 * Share of the customers of M/M/1 who leave after waiting `patienceMs`: (1 - r) r E / (1 - r^2 E), E = exp(-(mu - rate) patience).
 * Barrer 1957; it follows from the density rate P0 exp(-(mu - rate) x) of the virtual wait below the patience.
 */
export function impatientShare(arrivalsPerMs: number, meanWorkMs: number, patienceMs: number): number {
  const load = arrivalsPerMs * meanWorkMs;
  const decay = Math.exp(-(1 / meanWorkMs - arrivalsPerMs) * patienceMs);
  return ((1 - load) * load * decay) / (1 - load * load * decay);
}

/**
 * Mean time in a queue with Poisson arrivals whose server takes min(queue, B) at once as soon as it is free and one waits, and has
 * `batchMs[n - 1]` for n (Bailey 1954 and Neuts 1967, rule (1, B)). Exact but for the cut of the chain: q is what is left behind
 * at the end of a batch; with m = max(q, 1) the next one takes n = min(m, B) and D = batchMs[n - 1], so that
 * q' = m - n + Poisson(rate D). Over its stationary distribution p the mean number in the system is
 * sum p (m D + rate D^2 / 2) / sum p (D + [q = 0] / rate), and Little's law makes a time of it.
 */
export function bulkSojournMs(arrivalsPerMs: number, batchMs: readonly number[], statesAtMost = 120): number {
  const largest = batchMs.length;
  const arrived = batchMs.map((durationMs) => poisson(arrivalsPerMs * durationMs, statesAtMost));
  let share = new Float64Array(statesAtMost).fill(1 / statesAtMost);
  for (let round = 0, change = 1; change > 1e-13 && round < 20_000; round += 1) {
    const next = new Float64Array(statesAtMost);
    for (let left = 0; left < statesAtMost; left += 1) {
      const waiting = Math.max(left, 1);
      const taken = Math.min(waiting, largest);
      const probabilities = arrived[taken - 1] as Float64Array;
      for (let more = 0; waiting - taken + more < statesAtMost; more += 1) {
        const to = waiting - taken + more;
        next[to] = (next[to] as number) + (share[left] as number) * (probabilities[more] as number);
      }
    }
    const sum = next.reduce((total, each) => total + each, 0);
    change = 0;
    for (let left = 0; left < statesAtMost; left += 1) {
      next[left] = (next[left] as number) / sum;
      change += Math.abs((next[left] as number) - (share[left] as number));
    }
    share = next;
  }
  let [area, length] = [0, 0];
  share.forEach((probability, left) => {
    const waiting = Math.max(left, 1);
    const durationMs = batchMs[Math.min(waiting, largest) - 1] as number;
    area += probability * (waiting * durationMs + (arrivalsPerMs * durationMs ** 2) / 2);
    length += probability * (durationMs + (left === 0 ? 1 / arrivalsPerMs : 0));
  });
  return area / length / arrivalsPerMs;
}

function poisson(mean: number, count: number): Float64Array {
  const shares = new Float64Array(count);
  let share = Math.exp(-mean);
  for (let index = 0; index < count; index += 1) {
    shares[index] = share;
    share *= mean / (index + 1);
  }
  return shares;
}
