import type { FigureDefinition, RecordedFigures } from './figure.ts';

export interface FigureState {
  readonly definition: FigureDefinition;
  /** `stale`: the sources changed since. `absent`: the README needs a figure that nobody recorded. */
  readonly state: 'fresh' | 'stale' | 'absent';
}

export interface FigureJudgement {
  readonly states: readonly FigureState[];
  /** Recorded, and in no table any more. */
  readonly unknown: readonly string[];
}

/** @param present digest of the sources of each figure as they are now, by the figure's id. */
export function judgeFigures(
  definitions: readonly FigureDefinition[],
  recorded: RecordedFigures,
  present: ReadonlyMap<string, string>,
): FigureJudgement {
  const states = definitions.map((definition): FigureState => {
    const figure = recorded[definition.id];
    if (figure === undefined) return { definition, state: 'absent' };
    return { definition, state: figure.sources === present.get(definition.id) ? 'fresh' : 'stale' };
  });
  const known = new Set(definitions.map(({ id }) => id));
  return { states, unknown: Object.keys(recorded).filter((id) => !known.has(id)) };
}

/** A stale figure is information: its measurement may take an hour. One that is absent or unknown is an error. */
export function figureLines({ states, unknown }: FigureJudgement, recorded: RecordedFigures): readonly string[] {
  const stale = states.filter(({ state }) => state === 'stale');
  const width = Math.max(0, ...stale.map(({ definition }) => definition.id.length));
  return [
    ...states.flatMap(({ definition: { id }, state }) =>
      state === 'absent' ? [`error: ${id} is in the table and was never recorded`] : [],
    ),
    ...unknown.map((id) => `error: ${id} is recorded and in no table`),
    `${stale.length} of ${states.length} figures are stale: their sources changed since they were measured`,
    ...stale.map(({ definition }) => {
      const { commit, date } = recorded[definition.id] ?? {};
      return `  ${definition.id.padEnd(width)}  ${date} at ${commit}; measure: ${commandOf(definition)}`;
    }),
  ];
}

/** What measures a figure again and writes it down. */
export function commandOf({ id, command, bench }: FigureDefinition): string {
  if (bench !== null) return `npm run bench -- ${bench.name} --record`;
  return `${command}, then npm run figures -- record ${id} TEXT`;
}
