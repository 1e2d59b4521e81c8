import { describe, expect, it } from 'vitest';
import { causes, type Cause, type Experiment, type Suspicion } from '../cause.ts';
import {
  decideFinding,
  formatEffect,
  groupByExperiment,
  isExplainedBy,
  orderForExperiments,
} from './decide-finding.ts';
import type { ExperimentOutcome, TriedExperiment } from './finding.ts';
import { findRemedy } from './remedies.ts';

const terms = { accelerators: 2, loadedShare: 0.5, pricePerHour: 4 };
const suspect = (cause: Cause, experiment: Experiment | null): Suspicion => ({
  cause,
  strength: 0.5,
  reason: 'read',
  experiment,
});
const measured = (kind: 'shown' | 'excluded' | 'not-shown', lower = 0.5): ExperimentOutcome => ({
  kind,
  effect: { estimate: 1, lower, upper: 1.5 },
  rounds: 10,
});
const tried = (experiment: Experiment, named: readonly Cause[], outcome: ExperimentOutcome): TriedExperiment => ({
  experiment,
  causes: named,
  outcome,
  notUndone: null,
});
const notRun: ExperimentOutcome = { kind: 'not-run', reason: 'only on a spare replica' };
const quota = suspect('cpu-quota', 'lifted-quota');
const batching = suspect('batching', 'smaller-batch-wait');
const link = suspect('pcie-link', null);

describe('the finding', () => {
  it('is none without suspicions', () => {
    expect(decideFinding([], [], terms)).toMatchObject({ verdict: 'none', cause: null, cost: null });
  });

  it('names the cause that an experiment shows, with its cost', () => {
    const found = decideFinding([quota, batching], [tried('lifted-quota', ['cpu-quota'], measured('shown'))], terms);
    expect(found).toMatchObject({ verdict: 'shown', cause: 'cpu-quota', likeliest: [], deciding: null });
    // Twice the answers: half of 2 accelerators x half an hour is lost, 1,800 s, at 4 an hour.
    expect(found.cost).toEqual({ acceleratorSecondsPerHour: 1800, moneyPerHour: 2 });
    expect(found.gain).toEqual({ estimate: 1, lower: 0.5, upper: 1.5, kind: 'as-measured' });
  });

  it('knows no money without a price', () => {
    const found = decideFinding([quota], [tried('lifted-quota', ['cpu-quota'], measured('shown'))], {
      ...terms,
      pricePerHour: null,
    });
    expect(found.cost?.moneyPerHour).toBeNull();
  });

  it('names of two shown causes the one with the greater lower limit', () => {
    const network = suspect('network', 'direct-to-replica');
    const found = decideFinding(
      [network, batching],
      [
        tried('direct-to-replica', ['network'], measured('shown', 0.2)),
        tried('smaller-batch-wait', ['batching'], measured('shown', 0.3)),
      ],
      terms,
    );
    expect(found.cause).toBe('batching');
    expect(found.alsoShown.map(({ cause }) => cause)).toEqual(['network']);
  });

  it('names of two shown causes the one that brings the other about', () => {
    const files = suspect('page-cache', 'warm-page-cache');
    const disk = suspect('storage', 'preloaded-data');
    const found = decideFinding(
      [disk, files],
      [
        tried('preloaded-data', ['storage'], measured('shown', 0.9)),
        tried('warm-page-cache', ['page-cache'], measured('shown', 0.2)),
      ],
      terms,
    );
    expect(found.cause).toBe('page-cache');
    expect(found.alsoShown.map(({ cause }) => cause)).toEqual(['storage']);
  });

  it('names nothing that an open suspicion may bring about: a server without a core is late with everything', () => {
    const cores = suspect('cpu-pressure', 'other-cores');
    const upstream = suspect('upstream', 'stubbed-upstream');
    const helped = tried('stubbed-upstream', ['upstream'], measured('shown'));
    const moved = (kind: 'shown' | 'excluded' | 'not-shown') =>
      tried('other-cores', ['cpu-pressure'], measured(kind, 0.1));
    expect(decideFinding([cores, upstream], [helped, moved('not-shown')], terms)).toMatchObject({
      verdict: 'undetermined',
      cause: null,
      likeliest: [cores, upstream],
      deciding: 'other-cores',
    });
    expect(decideFinding([cores, upstream], [helped, moved('excluded')], terms).cause).toBe('upstream');
    expect(decideFinding([cores, upstream], [helped, moved('shown')], terms).cause).toBe('cpu-pressure');
  });

  it('names a cause beside an open suspicion that helps less for certain', () => {
    const [disk, files] = [suspect('storage', 'preloaded-data'), suspect('page-cache', 'warm-page-cache')];
    const warmed = (upper: number, estimate = 0): TriedExperiment =>
      tried('warm-page-cache', ['page-cache'], {
        kind: 'not-shown',
        effect: { estimate, lower: -1, upper },
        rounds: 5,
      });
    const helped = tried('preloaded-data', ['storage'], measured('shown', 0.46));
    expect(decideFinding([disk, files], [warmed(0.07), helped], terms).cause).toBe('storage');
    expect(decideFinding([disk, files], [warmed(0.5), helped], terms).cause).toBeNull();
    // It helps a part of the way: the experiment may not have taken all of it away.
    expect(decideFinding([disk, files], [warmed(0.4, 0.3), helped], terms).cause).toBeNull();
    // It helps a little, and for certain less than half of 46%.
    expect(decideFinding([disk, files], [warmed(0.22, 0.07), helped], terms).cause).toBe('storage');
    expect(decideFinding([disk, files], [warmed(0.24, 0.07), helped], terms).cause).toBeNull();
  });

  it('says which other suspected causes the same experiment takes away', () => {
    const both = [suspect('cpu-thread', 'other-cores'), suspect('numa', 'other-cores')];
    const found = decideFinding(both, [tried('other-cores', ['cpu-thread', 'numa'], measured('shown'))], terms);
    expect(found).toMatchObject({ cause: 'cpu-thread', alsoFits: ['numa'] });
  });

  it('is none once every suspicion is excluded, and undetermined while one is open', () => {
    const out = tried('lifted-quota', ['cpu-quota'], measured('excluded'));
    expect(decideFinding([quota], [out], terms).verdict).toBe('none');
    expect(decideFinding([quota, link], [out], terms)).toMatchObject({
      verdict: 'undetermined',
      likeliest: [link],
      deciding: null,
    });
  });

  it('undetermined, gives the two likeliest and the experiment that was not run yet', () => {
    const found = decideFinding(
      [link, quota, batching],
      [tried('lifted-quota', ['cpu-quota'], measured('not-shown')), tried('smaller-batch-wait', ['batching'], notRun)],
      terms,
    );
    expect(found).toMatchObject({
      verdict: 'undetermined',
      likeliest: [link, quota],
      deciding: 'smaller-batch-wait',
      cause: null,
      effect: null,
    });
  });

  it('undetermined after all experiments were run, asks for the likeliest again', () => {
    const found = decideFinding([quota], [tried('lifted-quota', ['cpu-quota'], measured('not-shown'))], terms);
    expect(found.deciding).toBe('lifted-quota');
  });
});

describe('the experiments of suspicions', () => {
  it('are each tried once, with all causes that they take away', () => {
    const asked = [suspect('numa', 'other-cores'), quota, link, suspect('cpu-pressure', 'other-cores')];
    expect(groupByExperiment(asked)).toEqual([
      { experiment: 'other-cores', causes: ['numa', 'cpu-pressure'] },
      { experiment: 'lifted-quota', causes: ['cpu-quota'] },
    ]);
  });
});

describe('the order of experiments', () => {
  it('begins with what would bring about most others, and goes on by strength', () => {
    const weak = (cause: Cause, strength: number): Suspicion => ({ ...suspect(cause, null), strength });
    const asked = [weak('generator', 0.1), weak('cpu-pressure', 0.2), weak('storage', 0.3), weak('upstream', 0.9)];
    expect(orderForExperiments(asked).map(({ cause }) => cause)).toEqual([
      'cpu-pressure',
      'upstream',
      'storage',
      'generator',
    ]);
  });

  it('leaves out what a shown cause explains', () => {
    expect(isExplainedBy(['upstream', 'network'], ['cpu-quota'])).toBe(true);
    expect(isExplainedBy(['upstream', 'storage'], ['cpu-quota'])).toBe(false);
    expect(isExplainedBy(['upstream'], [])).toBe(false);
  });
});

describe('the remedy', () => {
  it('exists for every cause, and promises no lower limit where the experiment took a whole step away', () => {
    const effect = { estimate: 0.4, lower: 0.3, upper: 0.5 };
    for (const cause of causes) expect(findRemedy(cause, effect).remedy).toMatch(/^[A-Z].*[.]$/);
    expect(findRemedy('preprocessing', effect).gain).toEqual({ ...effect, lower: 0, kind: 'at-most' });
  });
});

it('writes an effect in words', () => {
  expect(formatEffect({ estimate: 0.42, lower: 0.31, upper: 0.55 })).toBe(
    '42% more answers (at least 31%, at most 55%)',
  );
  expect(formatEffect({ estimate: 0.1, lower: -1, upper: Infinity })).toBe(
    '10% more answers (no lower limit, no upper limit)',
  );
});
