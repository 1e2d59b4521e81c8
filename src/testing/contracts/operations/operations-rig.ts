import { afterEach, beforeEach } from 'vitest';
import type { PlimsollError } from '../../../core/units/errors.ts';
import type { Blobs } from '../../../ports/artifacts/blobs.ts';
import type { Operations } from '../../../ports/records/operations.ts';
import type { Release } from '../../../core/rollout/release.ts';
import { aReleaseRequest, storedModel, type BundleOver } from '../../builders/release-fixture.ts';
import { aModel, testEnvironment as environment, testService as service } from '../../builders/rollout-builders.ts';

export interface OperationsFixture {
  readonly operations: Operations;
  readonly blobs: Blobs;
  /** Name that is recorded with every write. */
  readonly by: string;
  /** Makes the incoming release live, as reconcilers would. */
  bringIn(): Promise<void>;
  nowMs(): number;
  close(): Promise<void>;
}

/** One form of the operations that is opened anew for each test. */
export class OperationsRig {
  #fixture: OperationsFixture | null = null;

  /** Called where tests are described. */
  constructor(open: () => Promise<OperationsFixture>) {
    beforeEach(async () => {
      this.#fixture = await open();
    });
    afterEach(() => this.fixture.close());
  }

  get fixture(): OperationsFixture {
    if (this.#fixture === null) throw new Error('nothing is open');
    return this.#fixture;
  }

  get operations(): Operations {
    return this.fixture.operations;
  }

  async failure(work: Promise<unknown>): Promise<Partial<PlimsollError>> {
    const thrown: unknown = await work.then(
      () => 'nothing was thrown',
      (error: unknown) => error,
    );
    const { code, category, message, next, details } = thrown as PlimsollError;
    return { code, category, message, next, details };
  }

  async kinds(prefix = ''): Promise<readonly string[]> {
    const events = await this.operations.events({ service, environment, kindPrefix: prefix });
    return events.map((event) => event.kind);
  }

  async releaseOf(model: number, over: BundleOver = {}): Promise<Release> {
    return this.released(this.operations.release(await aReleaseRequest(this.fixture.blobs, model, over)));
  }

  async released(answer: ReturnType<Operations['release']>): Promise<Release> {
    const { release } = await answer;
    if (release === null) throw new Error('nothing was released');
    return release;
  }

  /** Registers a model with a signature, which a file that nobody parses does not tell. */
  async registerModel(version: number): Promise<NonNullable<ReturnType<typeof aModel>['signature']>> {
    const { name, digest, files } = await storedModel(this.fixture.blobs, version);
    const { signature } = aModel(version);
    if (signature === null) throw new Error('the model of tests has a signature');
    const format = 'other' as const;
    const added = { environment, name, digest, format, files, signature, facts: {}, lineage: {} };
    await this.operations.addModelVersion(added);
    return signature;
  }

  async releaseAndBringIn(model: number, codeName = 'c1'): Promise<Release> {
    const release = await this.releaseOf(model, { codeName });
    await this.fixture.bringIn();
    return release;
  }
}

export const codeWith = (section: object) => ({
  code: { command: ['plimsoll', 'serve-model'], args: ['c1'], ...section },
});

export const failingGolden: NonNullable<BundleOver['lock']> = (locked) => {
  const { golden } = locked.evidence;
  if (golden === undefined) throw new Error('the lock of tests has golden evidence');
  const measurements = { ...golden.measurements, reproducedCases: 2 };
  return { ...locked, evidence: { golden: { ...golden, measurements } } };
};
