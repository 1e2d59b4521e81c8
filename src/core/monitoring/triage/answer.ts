export const causes = ['node', 'runtime', 'artifact', 'data', 'concept', 'routing'] as const;

/**
 * | cause | what is off |
 * |---|---|
 * | node | something of one replica's machine: device, memory, link |
 * | runtime | engine, driver or library of several replicas |
 * | artifact | the files of the model are not the pinned ones |
 * | data | the inputs left what was evaluated |
 * | concept | the truth moved under the same inputs and answers |
 * | routing | who gets which requests |
 */
export type Cause = (typeof causes)[number];

/** What was observed that a healthy service does not show. Each must be explained by a cause before one is named. */
export type Sign =
  | 'golden-fails'
  | 'golden-failed-once'
  | 'files-differ'
  | 'replicas-differ'
  | 'releases-differ'
  | 'inputs-moved'
  | 'outputs-moved'
  | 'quality-fell'
  | 'traffic-differs'
  | 'hardware-error';

export interface Remedy {
  readonly what: string;
  readonly command: string;
}

export interface NamedCause {
  readonly cause: Cause;
  /** Replica ids, sorted; none where the cause is not one of replicas. */
  readonly replicas: readonly string[];
  /** Sentences, the most trusted first. */
  readonly evidence: readonly string[];
  readonly remedy: Remedy;
}

/** An observation that is missing and would decide. The command makes it; null where only time does. */
export interface Decider {
  readonly observation: string;
  readonly command: string | null;
}

/** What is off beside the causes that are named, and what would tell whether it has a cause of its own. */
export interface Besides {
  readonly why: string;
  readonly decides: readonly Decider[];
}

export interface NamedAnswer {
  readonly verdict: 'named';
  readonly causes: readonly NamedCause[];
  readonly signs: readonly Sign[];
  readonly besides?: Besides;
}

export type TriageAnswer =
  | NamedAnswer
  | (Besides & { readonly verdict: 'abstains'; readonly signs: readonly Sign[] })
  /** Everything was observed, and nothing is off. */
  | { readonly verdict: 'nothing'; readonly signs: readonly [] };
