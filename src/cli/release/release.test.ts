import { aReleaseRequest } from '../../testing/builders/release-fixture.ts';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOfBytes } from '../../core/units/digest.ts';
import { ReleaseWorld } from '../../testing/rigs/release-world.ts';

let world: ReleaseWorld;
beforeEach(async () => {
  world = await ReleaseWorld.open();
});
afterEach(() => world.close());

const releasable = async (): Promise<void> => {
  await world.run('pin');
  await world.run('golden', 'record');
};

describe('plimsoll golden record', () => {
  it('pins what the pinned model answers, proves it by asking again, and writes file, blob and evidence', async () => {
    await world.run('pin');
    const { exit, out } = await world.run('golden', 'record');
    expect([exit, out]).toEqual([0, expect.stringContaining('3 of 3 came out again when asked once more')]);
    expect(world.client.asked).toHaveLength(6);
    const [file = ''] = await readdir(path.join(world.folder, 'golden'));
    const bytes = await readFile(path.join(world.folder, 'golden', file));
    const evidence = (await world.project.lock())?.environments['default']?.evidence.golden;
    expect(evidence?.measurements).toMatchObject({ goldenBlob: digestOfBytes(bytes), cases: 3, reproducedCases: 3 });
    expect(await world.blobs.has(digestOfBytes(bytes))).toBe(true);
    expect(JSON.parse(bytes.toString())).toMatchObject({ modelName: 'digits', runtime: { onnxruntime: '1.30.0' } });
    expect(await world.run('check')).toMatchObject({ exit: 0 });
  });

  it('writes the same bytes when it is run again: a review sees nothing move', async () => {
    await releasable();
    const [file = ''] = await readdir(path.join(world.folder, 'golden'));
    const before = await readFile(path.join(world.folder, 'golden', file));
    await world.run('golden', 'record');
    expect(await readFile(path.join(world.folder, 'golden', file))).toEqual(before);
  });

  it('is of the code: a server that takes its inputs in another order has to be recorded again', async () => {
    const contract = path.join(world.folder, 'plimsoll.yaml');
    const asServer = (await readFile(contract, 'utf8')).replace(
      'command: [plimsoll, serve-model], files: [server.yaml]',
      'command: [python3, server.py], files: [server.py]',
    );
    await writeFile(contract, asServer);
    const server = path.join(world.folder, 'server.py');
    await writeFile(server, 'columns = ["a", "b"]\n');
    await releasable();
    expect(await world.run('check')).toMatchObject({ exit: 0 });
    await writeFile(server, 'columns = ["b", "a"]\n');
    const pinned = await world.run('pin');
    expect(pinned.out).toMatch(/golden +stale +code moved: [0-9a-f]{12} -> [0-9a-f]{12} +next: plimsoll golden record/);
    const { exit, out } = await world.run('check');
    expect([exit, out]).toEqual([3, expect.stringMatching(/golden +stale .*code moved: /)]);
    expect((await world.run('release')).exit).toBe(3);
    await world.run('golden', 'record');
    expect(await world.run('check')).toMatchObject({ exit: 0 });
  });

  it('refuses, and leaves the file alone, when the lock was pinned anew meanwhile', async () => {
    await releasable();
    const [file = ''] = await readdir(path.join(world.folder, 'golden'));
    const [before, locked] = [await readFile(path.join(world.folder, 'golden', file)), await world.project.lock()];
    const present = locked!.environments['default']!;
    const pinned = { ...present, runtime: { onnxruntime: '9.0.0' } };
    world.client.answer = async (_endpoint, _model, inputs) => {
      await world.project.changeLock(() => ({ ...locked!, environments: { default: pinned } }));
      return inputs.map((input) => ({ ...input, name: 'z' }));
    };
    const { exit, err } = await world.run('golden', 'record');
    expect([exit, err]).toEqual([1, expect.stringMatching(/runtime moved in plimsoll\.lock .* nothing was recorded/)]);
    expect(await readFile(path.join(world.folder, 'golden', file))).toEqual(before);
  });

  it('leaves no replica behind, whatever happens', async () => {
    await releasable();
    expect(world.machine.replicas()).toEqual([]);
    world.client.answer = () => {
      throw new Error('the server broke');
    };
    await world.run('golden', 'record');
    expect(world.machine.replicas()).toEqual([]);
  });

  it('fails when the answers do not come out again, and says which', async () => {
    await world.run('pin');
    let calls = 0;
    world.client.answer = (_endpoint, _model, inputs) => {
      calls += 1;
      return inputs.map((input) => ({ ...input, name: 'y', data: [calls], shape: [1, 1] }));
    };
    const { exit, out } = await world.run('golden', 'record');
    expect(exit).toBe(1);
    expect(out).toContain('first that did not: input digits-golden:1: y[0, 0] is 4, expected 1');
    expect(await world.run('release')).toMatchObject({ exit: 1 });
  });

  it('shows the last lines of a replica that does not start', async () => {
    await world.run('pin');
    world.machine.behaviour = () => ({ kind: 'exits', status: 7 });
    const { exit, err } = await world.run('golden', 'record');
    expect(exit).toBe(1);
    expect(err).toContain('exit status 7');
    expect(err).toContain('fake replica');
  });

  it('refuses a lock that does not say what is there', async () => {
    await world.run('pin');
    await writeFile(path.join(world.folder, 'server.yaml'), 'maxBatch: 64\n');
    const { err } = await world.run('golden', 'record');
    expect(err).toMatch(/code: [0-9a-f]{12} -> [0-9a-f]{12}/);
  });

  it.each([[['golden', 'record']], [['release']], [['check']]])(
    'says of %j without a lock that it is missing',
    async (line) => {
      const { exit, out, err } = await world.run(...line);
      expect(exit).toBe(3);
      expect(out + err).toContain('there is no');
      expect(out + err).toContain('next: plimsoll pin');
    },
  );

  it.each([
    ['--absolute', '-1'],
    ['--relative', 'wide'],
    ['--absolute', ''],
  ])('refuses the band %s %s', async (option, value) => {
    await world.run('pin');
    expect(await world.run('golden', 'record', `${option}=${value}`)).toMatchObject({ exit: 2 });
  });

  it('shows what is recorded, with the bands that were asked for', async () => {
    await world.run('pin');
    expect(await world.run('golden', 'show')).toMatchObject({ exit: 3 });
    await world.run('golden', 'record', '--absolute', '0.5', '--relative', '0', '--no-arg-max');
    const { out } = await world.run('golden', 'show');
    expect(out).toContain('3 golden inputs of digits-golden, recorded of model digits');
    expect(out).toContain('bands: 0.5 absolute + 0 relative\n');
  });
});

describe('plimsoll release', () => {
  it('refuses with the evidence table, and with the command that comes next', async () => {
    await world.run('pin');
    const { exit, out } = await world.run('release');
    expect(exit).toBe(3);
    expect(out).toContain('golden    missing  unknown  never     nothing was measured');
    expect(out.trimEnd().endsWith('next: plimsoll golden record')).toBe(true);
    expect(await world.store.releases('digits', 'default')).toEqual([]);
  });

  it('records what the lock pins, with the very bytes of the code', async () => {
    await releasable();
    const { exit, out } = await world.run('release');
    expect([exit, out]).toEqual([0, expect.stringContaining('recorded; next: plimsoll up brings it in')]);
    const [release] = await world.store.releases('digits', 'default');
    expect(release).toMatchObject({
      number: 1,
      model: { name: 'digits', version: 1 },
      replicas: { min: 1, max: 1 },
      keepPreviousMs: 3_600_000,
      steps: [1],
      createdBy: 'tests',
    });
    const file = release?.code.files[0];
    expect(file?.path).toBe('server.yaml');
    expect(Buffer.from(await world.blobs.read(file!.digest)).toString()).toBe('maxBatch: 32\n');
  });

  it('and check refuse a model that does not fit code.signature, and the control plane when it is asked past them', async () => {
    await releasable();
    const file = path.join(world.folder, 'plimsoll.yaml');
    const contract = await readFile(file, 'utf8');
    const asking = (shape: string) =>
      contract.replace(
        'files: [server.yaml] }',
        `files: [server.yaml], signature: { inputs: [{ name: image, datatype: FP32, shape: ${shape} }], outputs: [{ name: probabilities, datatype: FP32, shape: [-1, 2] }] } }`,
      );
    await writeFile(file, asking('[-1, 9]'));
    await world.run('pin');
    for (const line of ['check', 'release']) {
      const { exit, out, err } = await world.run(line);
      expect([line, exit, out + err]).toEqual([line, 1, expect.stringContaining('does not fit code.signature')]);
    }
    expect(await world.store.releases('digits', 'default')).toEqual([]);
    await writeFile(file, asking('[-1, 4]'));
    await world.run('pin');
    expect(await world.run('check')).toMatchObject({ exit: 0 });
    expect(await world.run('release', '--no-wait')).toMatchObject({ exit: 0 });
    const [release] = await world.store.releases('digits', 'default');
    expect(release?.code.section.signature?.inputs).toHaveLength(1);
    const inputs = [{ name: 'image', datatype: 'FP32', shape: [-1, 9] }];
    const { name, version, digest, format, files, signature } = release!.model;
    const code = { command: ['plimsoll', 'serve-model'], signature: { inputs, outputs: signature!.outputs } };
    const model = { name, version, digest, format, files, signature };
    const request = await aReleaseRequest(world.blobs, 1, { contract: { code }, model });
    await expect(world.operations().release(request)).rejects.toMatchObject({ code: 'signature-unfit' });
  });

  it('is held up again once the model moved on', async () => {
    await releasable();
    await world.addModel();
    const moved = await world.run('release', '--no-wait');
    expect([moved.exit, moved.err]).toEqual([
      1,
      expect.stringMatching(/candidate is now version 2 \([0-9a-f]{12}\); run plimsoll pin/),
    ]);
    await world.run('pin');
    const { exit, out } = await world.run('release');
    expect([exit, out]).toEqual([3, expect.stringContaining('golden evidence is stale: model moved')]);
  });

  it('makes the golden blob of the committed file, as in a fresh clone', async () => {
    await releasable();
    const lock = await world.project.lock();
    const clone = await ReleaseWorld.open();
    try {
      await clone.run('pin');
      await clone.project.changeLock(() => lock!);
      const [file = ''] = await readdir(path.join(world.folder, 'golden'));
      expect(await clone.run('release')).toMatchObject({
        exit: 3,
        out: expect.stringContaining(`bring golden/${file} back`),
      });
      await mkdir(path.join(clone.folder, 'golden'));
      const copy = path.join(clone.folder, 'golden', file);
      await writeFile(copy, 'something else');
      expect((await clone.run('release')).exit).not.toBe(0);
      await writeFile(copy, await readFile(path.join(world.folder, 'golden', file)));
      expect(await clone.run('release')).toMatchObject({ exit: 0 });
    } finally {
      await clone.close();
    }
  });

  it('goes out on a waiver, which everybody sees', async () => {
    await world.run('pin');
    const waived = await world.run('release', '--waive', 'golden', '--reason', 'first try', '--until', '7d');
    expect([waived.exit, waived.out]).toEqual([
      0,
      expect.stringContaining('waived: golden until 2023-11-21 by tests: first try'),
    ]);
    expect((await world.run('history')).out).toContain('release; waived: golden');
    expect((await world.run('status')).out).toContain('waived: golden');
  });

  describe('of what was measured and fails', () => {
    const failing = async (): Promise<void> => {
      await world.run('pin');
      let calls = 0;
      world.client.answer = (_endpoint, _model, inputs) => {
        calls += 1;
        return inputs.map((input) => ({ ...input, name: 'y', data: [calls], shape: [1, 1] }));
      };
      await world.run('golden', 'record');
    };
    const why = ['--reason', 'known', '--until', '7d'];

    it('is refused with an ordinary waiver, which stays unrecorded, and names the last resort', async () => {
      await failing();
      const { exit, out } = await world.run('release', '--waive', 'golden', ...why);
      expect(exit).toBe(1);
      expect(out).toContain('the waiver of tests does not cover what was measured and fails');
      expect(out).toContain(
        'next: mend what fails, then plimsoll golden record; as a last resort plimsoll release --waive-failing golden',
      );
      expect(await world.store.waivers('digits', 'default')).toEqual([]);
    });

    it('goes out on --waive-failing, said as such wherever the release is', async () => {
      await failing();
      const released = await world.run('release', '--waive-failing', 'golden', ...why);
      expect([released.exit, released.out]).toEqual([
        0,
        expect.stringContaining('waived although it fails: golden until 2023-11-21 by tests: known'),
      ]);
      expect((await world.run('history')).out).toMatch(
        /waived although it fails: golden[\s\S]*golden evidence is waived although it fails until/,
      );
      expect((await world.run('status')).out).toContain('waived although it fails: golden');
      const check = await world.run('check');
      expect([check.exit, check.out]).toEqual([0, expect.stringContaining('  waived although it fails: golden until')]);
      expect(check.out).toContain('pass (1 kind of evidence waived, 1 of them although it fails)');
      expect((await world.run('check', '--format', 'markdown')).out).toContain('| **waived although it fails** |');
      expect((await world.run('check', '--format', 'github')).out).toMatch(/^::error .*waived although it fails by/m);
      expect((await world.run('release')).exit).toBe(0);
    });

    it('is refused on a waiver that was recorded for missing evidence, which is shown as no cover', async () => {
      await world.run('pin');
      await world.run('release', '--waive', 'golden', ...why);
      await failing();
      const check = await world.run('check');
      expect([check.exit, check.out]).toEqual([
        1,
        expect.stringContaining('waived, which does not cover a failure: golden until'),
      ]);
      expect(check.out).toContain('renew golden: plimsoll golden record');
      expect((await world.run('release')).exit).toBe(1);
    });

    it('is not what --waive-failing is for where the evidence is missing', async () => {
      await world.run('pin');
      const { exit, out } = await world.run('release', '--waive-failing', 'golden', ...why);
      expect([exit, out]).toEqual([3, expect.stringContaining('is for evidence that fails, and this does not fail')]);
    });
  });

  it('says of what is live already that it is, and makes a number only when it is told to', async () => {
    await releasable();
    await world.run('release', '--no-wait');
    await world.bringIn();
    const same = await world.run('release', '--json');
    expect([same.exit, JSON.parse(same.out)]).toMatchObject([0, { outcome: 'unchanged', release: { number: 1 } }]);
    expect((await world.run('release', '--again', '--no-wait')).exit).toBe(0);
    expect((await world.store.releases('digits', 'default')).map(({ number }) => number)).toEqual([1, 2]);
  });

  it('follows what still comes in for a second one that asks for the same, and makes no number', async () => {
    await releasable();
    await world.run('release', '--no-wait');
    const second = await world.run('release', '--json');
    expect([second.exit, JSON.parse(second.out)]).toMatchObject([0, { outcome: 'recorded', release: { number: 1 } }]);
    const third = await world.run('release', '--no-wait', '--json');
    expect(JSON.parse(third.out)).toMatchObject({ outcome: 'unchanged', release: { number: 1 } });
    expect(await world.store.releases('digits', 'default')).toHaveLength(1);
  });

  it('refuses what is live already once its alias moved on: the newer version was meant', async () => {
    await releasable();
    await world.run('release', '--no-wait');
    await world.bringIn();
    await world.addModel();
    const { exit, err } = await world.run('release');
    expect([exit, err]).toEqual([1, expect.stringContaining('candidate is now version 2')]);
  });

  it('is held up again once the waiver was taken back, which stays on the record', async () => {
    await world.run('pin');
    await world.run('release', '--waive', 'golden', '--reason', 'first try', '--until', '7d');
    expect((await world.run('check')).out).toMatch(/waived: golden until .* by tests: first try/);
    const taken = await world.run('release', '--unwaive', 'golden', '--reason', 'recorded soon');
    expect(taken).toMatchObject({ exit: 0, out: expect.stringContaining('it was waived by tests: first try') });
    expect((await world.run('check')).exit).toBe(3);
    expect((await world.run('release', '--again')).exit).toBe(3);
    const { out } = await world.run('history', '--kind', 'waiver');
    expect(out).toMatch(/waiver\.recorded +tests +golden evidence is waived until .*: first try/);
    expect(out).toMatch(/waiver\.withdrawn +tests +golden evidence is not waived any more: recorded soon/);
  });

  it('shows no default that means nothing', async () => {
    expect((await world.run('release', '--help')).out).not.toContain('default: []');
  });

  it.each([
    [['release', '--nope', '--json'], 'unknown-option', "unknown option '--nope'"],
    [['check', '--format', 'xml', '--json'], 'invalid-argument', 'Allowed choices are'],
    [['model', 'show', '--json'], 'missing-argument', 'missing required argument'],
    [['golden', '--json'], 'missing-subcommand', 'plimsoll golden needs a subcommand'],
    [['golden', 'recrod', '--json'], 'unknown-command', "unknown command 'recrod'"],
  ])('%j answers one JSON object', async (line, code, words) => {
    const { exit, out } = await world.run(...line);
    expect(exit).toBe(2);
    expect(JSON.parse(out)).toMatchObject({
      error: {
        code,
        category: 'input',
        message: expect.stringContaining(words),
        next: `plimsoll ${line[0]} --help`,
      },
    });
  });

  it.each([
    [['--waive', 'golden'], 'needs --reason'],
    [['--waive', 'golden', '--reason', 'r'], 'needs --until'],
    [['--waive-failing', 'golden'], '--waive-failing golden needs --reason'],
    [['--waive', 'goldn', '--reason', 'r', '--until', '7d'], 'did you mean golden?'],
    [['--waive', 'cost', '--reason', 'r', '--until', '7d'], 'the contract does not ask for cost evidence'],
    [['--unwaive', 'golden'], 'needs --reason'],
    [
      ['--unwaive', 'goldn', '--reason', 'r'],
      '--unwaive goldn: there is no such kind of evidence; did you mean golden?',
    ],
    [['--unwaive', 'golden', '--reason', 'r'], 'no waiver of golden evidence is in force'],
    [['--waive', 'golden', '--reason', 'r', '--until', 'tomorrow'], 'is no date'],
    [['--waive', 'golden', '--reason', 'r', '--until', '2020-01-01'], 'is over already'],
    [['--lift-bar', 'model:3f2a90c41b7e'], 'needs --reason'],
    [['--lift-bar', 'weights:3f2a', '--reason', 'r'], 'code:DIGEST or model:DIGEST'],
  ])('says what is wrong with %j', async (options, words) => {
    await world.run('pin');
    expect(await world.run('release', ...options)).toMatchObject({ exit: 2, err: expect.stringContaining(words) });
  });
});

describe('plimsoll rollback', () => {
  const releaseTwo = async (): Promise<void> => {
    await releasable();
    await world.run('release');
    await world.bringIn();
    await world.addModel();
    await releasable();
    await world.run('release');
    await world.bringIn();
  };

  it('brings the model back alone, bars what it left, and keeps it out until the bar is lifted', async () => {
    await releaseTwo();
    const back = await world.run('rollback', '--model', '--reason', 'worse on sevens');
    expect([back.exit, back.out]).toEqual([0, expect.stringContaining('release 3: model digits version 1')]);
    const refused = await world.run('release');
    expect([refused.exit, refused.err]).toEqual([
      1,
      expect.stringContaining('is barred since it was rolled back: worse on sevens'),
    ]);
    const lift = /next: plimsoll (release --lift-bar model:[0-9a-f]+ --reason) TEXT/.exec(refused.err)?.[1] ?? '';
    expect(await world.run(...lift.split(' '), 'retrained')).toMatchObject({ exit: 0 });
    expect(await world.run('release')).toMatchObject({ exit: 0 });
    const { out } = await world.run('history', '--kind', 'bar');
    expect(out).toMatch(/bar\.added .*worse on sevens[\s\S]*bar\.lifted .*retrained/);
  });

  it('is not held up by stale evidence', async () => {
    await releaseTwo();
    await world.addModel();
    await world.run('pin');
    expect(await world.run('release')).toMatchObject({ exit: 3 });
    expect(await world.run('rollback', '--model')).toMatchObject({ exit: 0 });
  });

  it.each([
    [[], 'say which axis'],
    [['--model', '--code'], 'say which axis'],
    [['--model', '--to', 'two'], 'number of a release'],
  ])('says what is wrong with %j', async (options, words) => {
    expect(await world.run('rollback', ...options)).toMatchObject({ exit: 2, err: expect.stringContaining(words) });
  });

  it('says that there is nothing to go back to', async () => {
    const { exit, err } = await world.run('rollback', '--model');
    expect([exit, err]).toEqual([1, expect.stringContaining('there is nothing to roll back')]);
  });
});

describe('plimsoll status and history', () => {
  it('say that nothing was released, and what comes next', async () => {
    expect((await world.run('status')).out).toContain('none yet; next: plimsoll release');
    expect((await world.run('history')).out).toContain('nothing was released in default yet; next: plimsoll release');
  });

  it('tell of a request that was refused: why, and what comes next', async () => {
    await releasable();
    await world.project.changeLock((lock) => {
      const locked = lock!.environments['default']!;
      return { ...lock!, environments: { default: { ...locked, evidence: {} } } };
    });
    expect((await world.run('release')).exit).toBe(3);
    const { out } = await world.run('status');
    expect(out).toMatch(
      /^request +The last request was refused: golden evidence .*\n.*; next: plimsoll golden record$/m,
    );
    const history = await world.run('history');
    expect(history.out).toMatch(/^The last request was refused: golden evidence/);
    expect(history.out).toMatch(
      /release\.refused +tests +A release of .* was refused: .*; next: plimsoll golden record$/m,
    );
    const { asks } = JSON.parse((await world.run('history', '--json')).out);
    expect(asks).toMatchObject([{ state: 'refused', by: 'tests' }]);
  });

  it('say where they have it from, also to a program', async () => {
    await releasable();
    await world.run('release');
    const { out } = await world.run('status');
    expect(out).toContain('incoming  1: model digits version 1');
    expect(out).toContain('no control plane runs');
    expect(JSON.parse((await world.run('status', '--json')).out)).toMatchObject({
      source: 'store',
      deployment: { incoming: 1 },
    });
    const history = JSON.parse((await world.run('history', '--json')).out);
    expect(history.releases).toHaveLength(1);
    expect(history.events.at(-1)).toMatchObject({ kind: 'service.claimed', by: 'tests' });
  });

  it('refuses a kind that no event is of, with the nearest', async () => {
    const { exit, err } = await world.run('history', '--kind', 'replcia');
    expect(exit).toBe(2);
    expect(err).toContain('no event is of such a kind; did you mean replica?');
    expect((await world.run('history', '--kind', 'replica.re')).exit).toBe(0);
  });

  it('shows the newest events only, as many as asked', async () => {
    await releasable();
    await world.run('release');
    const { out } = await world.run('history', '--last', '1');
    expect(out.trimEnd().split('\n').at(-1)).toContain('service.claimed');
    expect(out).not.toContain('model.added');
    expect(await world.run('history', '--last', 'many')).toMatchObject({ exit: 2 });
  });
});
