import type { Random } from '../../src/core/statistics/random.ts';

/**
 * Returns Shapley values of players by sampled orders: the mean of what each one adds to the cost of those before it. They add up
 * to the cost of all in each sample. Of each drawn order all rotations are taken, so that each player is first equally often: what
 * arises once for whoever is there is then shared exactly.
 *
 * @param costOf the cost of a set of players, 0 for none.
 */
export function sampleShapley<Player>(
  players: readonly Player[],
  costOf: (set: readonly Player[]) => number,
  orders: number,
  random: Random,
): readonly number[] {
  const sums = players.map(() => 0);
  for (let drawn = 0; drawn < orders; drawn += 1) {
    const order = shuffle(
      players.map((_, index) => index),
      random,
    );
    for (let first = 0; first < order.length; first += 1) {
      const before: Player[] = [];
      let costBefore = 0;
      for (const index of [...order.slice(first), ...order.slice(0, first)]) {
        before.push(players[index] as Player);
        const cost = costOf(before);
        sums[index] = (sums[index] ?? 0) + cost - costBefore;
        costBefore = cost;
      }
    }
  }
  return sums.map((sum) => sum / (orders * players.length));
}

function shuffle(order: number[], random: Random): readonly number[] {
  for (let at = order.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random.nextShare() * (at + 1));
    [order[at], order[other]] = [order[other] ?? 0, order[at] ?? 0];
  }
  return order;
}
