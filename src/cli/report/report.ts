/** What a verdict command found, in the form that every output format is made from. */
export interface Report {
  /** Name of the command: `check`. */
  readonly title: string;
  readonly toolVersion: string;
  /** One sentence: the verdict, and what is to do. */
  readonly conclusion: string;
  readonly findings: readonly Finding[];
}

export interface Finding {
  /** Stable, kebab-case: `unknown-key`, `lock-out-of-step`, `evidence-golden`. */
  readonly rule: string;
  /** What was looked at: `contract`, `lock`, or the kind of evidence with its environment. */
  readonly name: string;
  /**
   * | level | meaning |
   * |---|---|
   * | pass | it holds |
   * | advice | it holds, and people should read this |
   * | note | it is waived: it does not hold, and counts as passing |
   * | warning | missing, stale, inconclusive, unknown or out of reach |
   * | error | failing, or wrong |
   */
  readonly level: 'pass' | 'advice' | 'note' | 'warning' | 'error';
  readonly message: string;
  /** Of an error: why somebody let it through. It is shown as the error that it is, and counts as passing. */
  readonly waived?: string;
  readonly next?: string;
  /** Title and date of what the rule rests on. */
  readonly source?: string;
  /** The facts that were used, by name. */
  readonly facts?: Readonly<Record<string, string>>;
  /** Relative to where the command ran, `/` separated. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export const reportFormats = ['text', 'sarif', 'junit', 'github', 'markdown'] as const;
export type ReportFormat = (typeof reportFormats)[number];

/** Message and next command as one text, for formats that have one field for both. */
export function fullMessage({ message, next }: Finding): string {
  return next === undefined ? message : `${message} (next: ${next})`;
}
