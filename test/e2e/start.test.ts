import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownProgram } from '../../src/testing/rigs/own-program.ts';
import { eventually, launchBrowser, layoutShift, type OpenPage, openPage } from './browser.ts';

const repository = path.join(import.meta.dirname, '..', '..');
const example = path.join(repository, 'examples', 'digits');
const scratch = mkdtempSync(path.join(tmpdir(), 'plimsoll-page-'));
const state = path.join(scratch, 'state');
/** The first start on a machine trains the models. */
const startTimeoutMs = 300_000;
const answersTimeoutMs = 180_000;

let browser: Browser;
let started: Started;
let opened: OpenPage;

interface Started {
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  readonly pageUrl: string;
  /** Signs the page in. */
  readonly pageLink: string;
  /** All that it said so far. */
  readonly printed: () => string;
}

/** What `npm start` runs, on any free ports, with its state in a folder of its own. */
async function startExample(): Promise<Started> {
  const words = ['--state', state, '--listen', '127.0.0.1:0', '--gateway-listen', '127.0.0.1:0', '--rate', '20'];
  const child = spawn(process.execPath, [path.join(example, 'start.ts'), ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  const exited = new Promise<number | null>((resolve) => child.on('close', resolve));
  const addresses = await new Promise<Pick<Started, 'pageUrl' | 'pageLink'>>((resolve, reject) => {
    const hear = (chunk: Buffer): void => {
      printed += chunk.toString();
      const pageUrl = /control plane on (http:\/\/\S+)/.exec(printed)?.[1];
      const pageLink = /^\s+page\s+(http:\/\/\S+#code=\S+)$/m.exec(printed)?.[1];
      if (pageUrl === undefined || pageLink === undefined) return;
      if (/holdout digits a second flow/.test(printed)) resolve({ pageUrl, pageLink });
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    void exited.then((status) => reject(new Error(`npm start ended with ${status}:\n${printed}`)));
  });
  return { child, exited, printed: () => printed, ...addresses };
}

async function plimsoll(...words: readonly string[]): Promise<string> {
  const contract = path.join(example, 'plimsoll.yaml');
  const all = [ownProgram, ...words, '--contract', contract, '--state', state];
  return (await promisify(execFile)(process.execPath, all, { cwd: repository })).stdout;
}

const outcome = (page: Page): Promise<string> => page.locator('.try-outcome').innerText();

/** Draws a seven by mouse and sends it. */
async function askSeven(page: Page): Promise<void> {
  await page.locator('.pad').focus();
  await page.keyboard.press('Delete');
  const box = await page.locator('.pad').boundingBox();
  if (box === null) throw new Error('there is no pad');
  const at = (x: number, y: number): [number, number] => [box.x + x * box.width, box.y + y * box.height];
  await page.mouse.move(...at(0.28, 0.2));
  await page.mouse.down();
  await page.mouse.move(...at(0.74, 0.18), { steps: 12 });
  await page.mouse.move(...at(0.47, 0.86), { steps: 16 });
  await page.mouse.up();
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await eventually(() => outcome(page)).toMatch(/It reads|failure/);
}

beforeAll(async () => {
  browser = await launchBrowser();
  started = await startExample();
  opened = await openPage(browser, started.pageLink);
}, startTimeoutMs);

afterAll(async () => {
  await browser.close();
  started.child.kill('SIGINT');
  await started.exited;
  rmSync(scratch, { recursive: true, force: true });
});

describe('the page of npm start', () => {
  it(
    'is alive: what is released, its evidence, its replicas, and digits flowing',
    { timeout: 2 * answersTimeoutMs },
    async () => {
      const { page, complaints } = opened;
      await eventually(() => page.locator('.strip').innerText()).toMatch(/2[\s\S]*digits:2[\s\S]*Release 1/);
      expect(await page.locator('.connection').innerText()).toBe('Connected');
      expect(await page.locator('.evidence-table').innerText()).toMatch(
        /golden\s+5 subjects\s+fresh[\s\S]*pass[\s\S]*64 of 64/,
      );
      expect(await page.locator('.question').count()).toBe(6);
      await eventually(async () => Number(await page.locator('.reading dd').first().innerText())).toBeGreaterThan(5);
      for (const section of ['#replicas', '#starts']) {
        const timelines = page.locator(`${section} .timeline`);
        await eventually(() => timelines.count()).toBe(2);
        const told = await timelines.evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')));
        for (const words of told) expect(words).toMatch(/process-start: .*ready after/);
      }
      // Drift and cost are answered by what runs, and so within a minute or two.
      const notYes = (): Promise<string[]> => page.locator('.question:not(.answer-yes)').allInnerTexts();
      await eventually(notYes, answersTimeoutMs).toEqual([]);
      expect(complaints).toEqual({ errors: [], violations: [], foreign: [] });
    },
  );

  it('reads a drawn digit through the real gateway', async () => {
    const { page } = opened;
    await askSeven(page);
    expect(await outcome(page)).toMatch(
      /It reads 7 with .*\n*[\s\S]*Answered by release 2, model version 2, replica \w+, in [\d.]+ m?s/,
    );
  });

  it('follows a rollback of the model by the command line, and is answered by the version before', async () => {
    const { page, complaints } = opened;
    await plimsoll('rollback', '--model', '--reason', 'to see it on the page');
    await eventually(() => page.locator('.strip-number').innerText()).toBe('3');
    await eventually(() => page.locator('.strip').innerText()).toContain('digits:1');
    expect(await page.locator('.release').first().innerText()).toContain('rollback of the model from release 2');
    expect(await page.locator('.bars').innerText()).toContain('to see it on the page');
    await eventually(() => page.locator('.event-list').innerText()).toMatch(/release\.live[\s\S]*Release 3 is live/);
    await askSeven(page);
    expect(await outcome(page)).toMatch(/Answered by release 3, model version 1/);
    expect(complaints).toEqual({ errors: [], violations: [], foreign: [] });
    const { sum, shifts } = await layoutShift(page);
    expect(sum, JSON.stringify(shifts)).toBeLessThan(0.01);
  });

  it(
    'says that the control plane is away when it is killed, and is live again when it is back',
    { timeout: 3 * answersTimeoutMs },
    async () => {
      const { page } = opened;
      const identity = (await (await fetch(new URL('v1/identity', started.pageUrl))).json()) as { pid: number };
      // A machine that is quick to start it again shows that for a moment.
      await page.evaluate(`(() => {
      window.connectionSaid = '';
      new MutationObserver(() => (window.connectionSaid += document.querySelector('.connection').textContent))
        .observe(document.querySelector('header.top'), { subtree: true, childList: true, characterData: true });
    })()`);
      process.kill(identity.pid, 'SIGKILL');
      await eventually(() => page.evaluate('connectionSaid')).toMatch(/Reconnecting|gone/);
      // A process starts anew, which takes what it takes where much else runs.
      await eventually(() => page.locator('.connection').innerText(), answersTimeoutMs).toBe('Connected');
      expect(await page.locator('.strip-number').innerText()).toBe('3');
      // There is nothing to try until a gateway has reported to the new process, too.
      await page.locator('.pad').waitFor({ timeout: answersTimeoutMs });
      await askSeven(page);
      expect(await outcome(page)).toContain('Answered by release 3');
    },
  );
});

/** A command as it is printed, in a process group of its own. */
function typeStart(line: string): {
  readonly child: ChildProcess;
  printed(): string;
  readonly ended: Promise<unknown>;
} {
  const child = spawn('sh', ['-c', line], { cwd: repository, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const from of [child.stdout, child.stderr])
    from.on('data', (chunk: Buffer) => void (printed += chunk.toString()));
  return { child, printed: () => printed, ended: new Promise((resolve) => child.on('close', resolve)) };
}

describe('npm start with a cause of drift', () => {
  it(
    'starts beside another one by the command that it suggests, and where one before it was killed',
    { timeout: 2 * startTimeoutMs },
    async () => {
      const taken = new URL(started.pageUrl).host;
      const first = typeStart(`npm -s start -- --drift invert --listen ${taken} --gateway-listen 127.0.0.1:0`);
      await first.ended;
      const suggested = /next: (npm start -- .*?) takes free ports$/m.exec(first.printed())?.[1] ?? first.printed();
      expect(suggested).toContain('--drift invert');
      const other = 'npm start -- --drift node --listen 127.0.0.1:0 --gateway-listen 127.0.0.1:0';
      for (const [line, end] of [
        [suggested, 'SIGKILL'],
        [other, 'SIGINT'],
      ] as const) {
        const { child, printed, ended } = typeStart(line);
        const isAnswered = eventually(() => Promise.resolve(printed()), startTimeoutMs).toMatch(
          /first digit answered by/,
        );
        await Promise.race([isAnswered, ended.then(() => expect(printed()).toMatch(/first digit answered by/))]);
        // What a killed one started runs on, until the next one stops it.
        process.kill(-(child.pid ?? 0), end);
        await ended;
      }
    },
  );
});

describe('npm start, stopped from elsewhere', () => {
  it('says that it was stopped, and not that anything runs on', { timeout: answersTimeoutMs }, async () => {
    // In a folder without a contract: the state folder is enough.
    await promisify(execFile)(process.execPath, [ownProgram, 'up', '--stop', '--state', state], { cwd: scratch });
    expect(await started.exited).toBe(0);
    expect(started.printed()).toContain('`plimsoll up` was stopped, and everything that it had started with it');
    expect(started.printed()).not.toMatch(/runs on|ended by itself/);
  });
});
