import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { eventKinds } from '../core/records/event-kinds.ts';

const sources = path.dirname(import.meta.dirname);

/** Every kind that is written out where an event is made; that none of them is unknown is a matter of types. */
function kindsInSources(): readonly string[] {
  const files = globSync('{control-plane,core/rollout,core/cost}/**/*.ts', { cwd: sources }).filter(
    (f) => !f.includes('.test.'),
  );
  const text = files.map((file) => readFileSync(path.join(sources, file), 'utf8')).join('\n');
  const made = text.matchAll(/(?:kind: |makeEvent\(|#record\()'([a-z-]+\.[a-z-]+)'/g);
  return [...new Set([...made].map((match) => match[1] ?? ''))];
}

it('no kind is listed that nothing records', () => {
  // Made of a word that the sources hold elsewhere: a state of a replica, a change of a gateway.
  const composed =
    /^(replica\.(pending|starting|ready|asleep|stuck|draining|stopped|failed)|gateway\.(connected|restarted|lost))$/;
  const found = kindsInSources();
  expect(found).toContain('release.created');
  expect(eventKinds.filter((kind) => !composed.test(kind) && !found.includes(kind))).toEqual([]);
});
