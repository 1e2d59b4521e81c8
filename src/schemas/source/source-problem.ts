export type Path = readonly (string | number)[];
/** Offsets into the text, end excluded. */
export type Range = readonly [start: number, end: number];

export interface SourceProblem {
  readonly code: string;
  readonly range: Range;
  readonly path: Path;
  readonly message: string;
  readonly expected?: string;
  readonly found?: string;
}
