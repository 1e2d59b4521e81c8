/** One request with its answer, as named values. The first axis of a tensor is the rows of a batch: only the first row is read. */
export interface DecodedExchange {
  readonly inputs: readonly NamedValue[];
  readonly outputs: readonly NamedValue[];
  /** Of HTTP; 0 where no answer began. */
  readonly status: number;
}

export type NamedValue = NamedNumbers | NamedTexts | NamedCategory;

export interface NamedNumbers {
  readonly name: string;
  readonly kind: 'numbers';
  /** With the batch; no dimension is one number. */
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

export interface NamedTexts {
  readonly name: string;
  readonly kind: 'texts';
  readonly values: readonly string[];
}

/** One of a few words that a protocol knows, such as the reason why an answer ended. */
export interface NamedCategory {
  readonly name: string;
  readonly kind: 'category';
  readonly value: string | null;
}
