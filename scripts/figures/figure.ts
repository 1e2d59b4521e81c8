import * as z from 'zod';

/** What a measurement says, before it is known when, where and of which sources it was taken. */
export interface Measured {
  /** For people: what the README shows. */
  readonly text: string;
  /** The numbers in it, named with their unit last; ratios end in `Ratio`. */
  readonly values: Readonly<Record<string, number>>;
  readonly met: boolean;
  /** Which part of the aim is missed, where only a part is. */
  readonly missed?: string | undefined;
}

/** One row of the README's table: what is measured, how, and of which sources. */
export interface FigureDefinition {
  readonly id: string;
  readonly what: string;
  readonly command: string;
  /** As the README says it; null where being without a failure is the aim. */
  readonly aim: string | null;
  /** Pathspecs of git; tests and pages of documentation below them do not count. */
  readonly sources: readonly string[];
  /** The measurement of `npm run bench` that gives the figure; null where somebody writes down what a test said. */
  readonly bench: BenchReading | null;
}

export interface BenchReading {
  readonly name: string;
  readonly args: readonly string[];
  /** @throws ZodError when the document that the measurement printed has another form. */
  readonly read: (report: unknown) => Measured;
}

const recordedSchema = z.strictObject({
  text: z.string().min(1),
  values: z.record(z.string(), z.number()),
  met: z.boolean(),
  missed: z.string().exactOptional(),
  /** Of the working tree that was measured; `+` behind it where files of the figure were changed and not committed. */
  commit: z.string().regex(/^[0-9a-f]{7,40}\+?$/),
  date: z.iso.date(),
  cores: z.int().min(1),
  /** Processes that wanted to run, on average over the minute before and at the end; null where nobody wrote it down. */
  load: z.strictObject({ before: z.number(), after: z.number() }).nullable(),
  sources: z.string().regex(/^sha256:[0-9a-f]{64}$/),
});

export type RecordedFigure = z.output<typeof recordedSchema>;
export type RecordedFigures = Readonly<Record<string, RecordedFigure>>;

const fileSchema = z.record(z.string(), recordedSchema);

/** @throws Error that names the key which has another form. */
export function parseFigures(text: string): RecordedFigures {
  const result = fileSchema.safeParse(JSON.parse(text));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Error(`bench/figures.json: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'it has another form'}`);
}

/** In the order of the table, so that measuring one figure again changes one entry. */
export function figuresText(figures: RecordedFigures, definitions: readonly FigureDefinition[]): string {
  const sorted = definitions.flatMap(({ id }) => (figures[id] === undefined ? [] : [[id, figures[id]] as const]));
  return `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`;
}
