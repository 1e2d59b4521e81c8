/** What a user of a rule would tune: for some of its options the values to try; their product is the whole grid. */
export type Knobs<Options> = { readonly [Name in keyof Options]?: readonly Options[Name][] };
