/** What a row of a table rests on. Every row carries one, so that a verdict can say why, and how old that is. */
export interface Source {
  readonly title: string;
  /** Where to read it; null for what was measured or inferred here. */
  readonly url: string | null;
  /** Date of the document, or the day on which it was read: `2025-12-04`, `2026-11`. */
  readonly date: string;
  /** Not stated there in so many words, and concluded from it. */
  readonly inferred?: true;
}

/** `CUDA Toolkit 13.1 release notes, table 3 (2025-12-04)`. */
export const citation = ({ title, date, inferred }: Source): string =>
  `${title} (${date}${inferred === true ? ', inferred' : ''})`;
