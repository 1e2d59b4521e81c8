/** The six readiness questions of `plimsoll doctor`, in their fixed order. */
export const readinessQuestions = [
  'hardware-verified',
  'cold-start-budgeted',
  'signal-not-cpu',
  'output-quality-monitored',
  'model-rolls-back-alone',
  'accelerator-seconds-attributed',
] as const;
export type ReadinessQuestion = (typeof readinessQuestions)[number];

export interface ReadinessAnswer {
  readonly question: ReadinessQuestion;
  /** The question in words. */
  readonly text: string;
  readonly answer: 'yes' | 'no' | 'not-measured';
  readonly reason: string;
  /** The command that closes the gap; undefined for yes. */
  readonly command?: string;
}
