/** States at one border: `costs[(disposed - least) * layers + layer]`, with the requests that are late in each. */
export interface States {
  readonly costs: Float64Array;
  readonly counts: Float64Array;
  /** Quanta disposed of in the first state. */
  readonly least: number;
  readonly states: number;
}

/**
 * Layers of a state: level 0 for one cell, for two, ..., for so long that whatever is due found level 0 in all its cells
 * (`zeros` of them); then the levels from `firstLevel` up. In the last of these it is that level or any above it.
 */
export interface Layout {
  readonly layers: number;
  readonly zeros: number;
  readonly firstLevel: number;
}

/**
 * In which order requests are served, which of them are late and what becomes of those. What has to be and what can have been
 * disposed of (served or dropped) by each border between cells, in quanta of replica-time, cumulative; `cells + 1` each.
 */
export interface Disposal {
  readonly least: Int32Array;
  readonly most: Int32Array;
  /**
   * From the states after serving in a cell, which end at `most` of its end, to those at its end; `next.costs` is filled with
   * Infinity. A price of Infinity forbids lateness.
   */
  settle(cell: number, served: States, next: States, latePriceMs: number, layout: Layout): void;
}
