export const theorem = `The guarantee, for one metric in one step at level alpha (here 5%; a rollout splits it over metrics and steps):

  If in every block, given all blocks before, the canary is inside the margin, then
      P(the judge rolls back at any moment, whoever looks and whenever it is stopped) <= alpha.

  errors   block: what came since the last one, as soon as both arms have a unit. Inside: mean error probability of the
           canary's units <= that of the live units + margin. Assumed: units of a block fail independently given the past,
           and how many arrive does not depend on their own errors. Not assumed: a constant rate, an order, equal arms.
           Product of E = prod(1 - (s/n1)(y - a)) prod(1 + (s/n2)(y - a - margin)), E[E] <= 1 by the inequality of
           arithmetic and geometric means; anchors of Turner, Ly, Grunwald (arXiv 2106.02693); Ville (1939).
  latency  block: 5 s or more with one unit beyond the quantile to be expected in each arm. Inside: the mean of the
           canary's share slower than x(1 + margin) <= that of the live share slower than x, each capped at five times the
           nominal share. Assumed of dependence inside a block: nothing. Assumed between two blocks of a stream, which lie
           one block apart: independence, or else alpha + N beta, with N blocks and beta the coefficient of absolute
           regularity over one block (Berbee 1979; Yu 1994). Average of products of 1 + s D / cap (Waudby-Smith and
           Ramdas, arXiv 2010.09686).
`;
