import { scoreOf, type Form, type Judged } from './score.ts';

const verdicts = ['pass', 'inconclusive', 'unknown', 'fail'] as const;
const forms: readonly { readonly form: Form; readonly says: string }[] = [
  { form: 'row', says: 'as reported' },
  { form: 'read', says: 'with the fact read' },
  { form: 'twin', says: 'twin' },
];

/** One line for each form and expectation, with the number of answers of each kind. */
export function matrixRows(all: readonly Judged[]): readonly (readonly string[])[] {
  return forms.flatMap(({ form, says }) =>
    (['does not run', 'runs'] as const).flatMap((expected) => {
      const some = all.filter((one) => one.form === form && one.expected === expected);
      if (some.length === 0) return [];
      const counts = verdicts.map((verdict) => String(some.filter((one) => one.verdict === verdict).length));
      return [[`${expected}, ${says}`, ...counts, `${some.filter(({ right }) => right).length} of ${some.length}`]];
    }),
  );
}

export const matrixHead: readonly string[] = ['expected', ...verdicts, 'right'];

/** Columns of equal width, for a terminal. */
export function matrixText(all: readonly Judged[]): string {
  const lines = [matrixHead, ...matrixRows(all)];
  const widths = matrixHead.map((_, at) => Math.max(...lines.map((line) => (line[at] ?? '').length)));
  return lines
    .map((line) =>
      line.map((cell, at) => (at === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  '),
    )
    .join('\n');
}

/** `s01 (as reported): pass, does not run; not checked: fabric state`. */
export function wrongLines(all: readonly Judged[]): readonly string[] {
  return all
    .filter(({ right }) => !right)
    .map(({ id, form, verdict, expected, because, notChecked }) => {
      const says = forms.find((one) => one.form === form)?.says ?? form;
      const why = because === '' ? '' : `: ${because}`;
      const unread = notChecked.length === 0 ? '' : `; not checked: ${notChecked.join(', ')}`;
      return `${id} (${says}): ${verdict}, and it ${expected}${why}${unread}`;
    });
}

export const scoreText = (all: readonly Judged[], form: Form): string => {
  const { right, of } = scoreOf(all, form);
  return `${right} of ${of}`;
};
