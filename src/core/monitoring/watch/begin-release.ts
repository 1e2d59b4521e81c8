import { beginSlices, carrySlices } from '../slices/observe-slices.ts';
import { listSlices } from '../slices/slice-state.ts';
import type { DriftState, DriftTerms, WatchedRow } from './drift-state.ts';
import { inputNames } from './inputs/input-names.ts';
import { beginHistory, restartOutputs } from './windows/window-history.ts';

/** Whether the state is of the live release, and sliced as its contract says. */
export const isOfTerms = (state: DriftState, terms: DriftTerms): boolean =>
  state.release === terms.release &&
  state.inputsOf === terms.inputsOf &&
  isSameList(state.slices?.by ?? [], terms.slices ?? []);

const isSameList = (first: readonly string[], second: readonly string[]): boolean =>
  first.length === second.length && first.every((name, at) => name === second[at]);

/**
 * The state under the live release; the features of its rows are the same.
 *
 * | what differs | inputs | outputs |
 * |---|---|---|
 * | the release | carry on | begin anew |
 * | the release, and `inputsOf` or what is an input; or one `inputsOf` is not known | begin anew | begin anew |
 * | `inputsOf` alone, and both are known | begin anew | begin anew |
 * | only the slices | carry on | carry on |
 *
 * Why inputs carry on with their windows, forecasters and capital: under the null, what is asked does not depend on who answers.
 * So the promise of their series holds on through a release. Where clients ask other things because of other answers, the inputs
 * did change, and an alarm is no false one. A release does change outputs, as it should.
 */
export function beginRelease(state: DriftState, row: WatchedRow, terms: DriftTerms): DriftState {
  const { inputGroups } = row;
  const isKnown = state.inputsOf !== undefined && terms.inputsOf !== undefined;
  const isSame = isKnown && state.inputsOf === terms.inputsOf;
  const isRelease = state.release !== terms.release;
  const asked = inputNames({ ...state, inputGroups });
  const carriesInputs = isSame && isSameList([...inputNames(state)], [...asked]);
  const begun = !isRelease && (isSame || !isKnown) ? state : carriesInputs ? carryInputs(state) : withoutHistory(state);
  const { release, inputsOf } = terms;
  return slicedAs({ ...begun, release, inputsOf, ...(isRelease ? { inputGroups } : {}) }, terms);
}

/** What lies behind is the history of nothing. */
export const withoutHistory = (state: DriftState): DriftState => ({
  ...state,
  ...beginHistory(state.windows),
  slices: state.slices === undefined ? undefined : beginSlices(state.features, state.slices.by),
  pending: {},
});

function carryInputs(state: DriftState): DriftState {
  const inputs = inputNames(state);
  if (inputs.size === 0 || state.windows < state.historyFrom) return withoutHistory(state);
  const slices = state.slices === undefined ? undefined : carrySlices(state.slices, inputs);
  const carried = { ...state, ...restartOutputs(state, inputs), slices };
  const ids = new Set([carried, ...listSlices(slices)].flatMap(({ series }) => series.map(({ id }) => id)));
  const pending = Object.fromEntries(Object.entries(state.pending).filter(([id]) => ids.has(id)));
  return { ...carried, pending };
}

/** Other slices change the weights of all series, before any evidence of the tick: a replay begins after that. */
function slicedAs(state: DriftState, { slices: by = [] }: DriftTerms): DriftState {
  if (isSameList(state.slices?.by ?? [], by)) return state;
  return { ...state, replay: undefined, slices: by.length === 0 ? undefined : beginSlices(state.features, by) };
}
