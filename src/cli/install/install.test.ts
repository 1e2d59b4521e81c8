import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { runCommandLine } from '../../testing/rigs/command-line.ts';

const image = `registry.example/team/plimsoll:1@sha256:${'0'.repeat(64)}`;
const install = (...args: readonly string[]) => runCommandLine(['install', 'kubernetes', ...args], {});
const print = (...args: readonly string[]) => install('--print', '--image', image, ...args);

interface Printed {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
}
const documentsOf = (text: string): readonly Printed[] =>
  parseAllDocuments(text).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as Printed;
  });

describe('plimsoll install kubernetes', () => {
  it('prints YAML and a List of the same objects, in the namespace and with the name that were asked for', async () => {
    const asked = ['--namespace', 'inference', '--name', 'first', '--gateways', '4', '--tls-secret', 'server'];
    const [{ exit, out }, { out: json }] = [await print(...asked), await print(...asked, '--json')];
    expect(exit).toBe(0);
    const objects = documentsOf(out);
    expect(JSON.parse(json)).toEqual({ apiVersion: 'v1', kind: 'List', items: objects });
    const wide = /^ValidatingAdmission/;
    const own = objects.filter(({ kind }) => !wide.test(kind));
    expect(new Set(own.map(({ metadata }) => metadata.namespace))).toEqual(new Set(['inference']));
    expect(
      objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'first-gateway'),
    ).toMatchObject({
      spec: { replicas: 4 },
    });
  });

  it('says what has to be there first, in comments', async () => {
    const { out } = await print('--service-monitor', '--store', 'postgresql', '--blobs', 's3://models');
    const comments = out
      .split('\n')
      .filter((line) => line.startsWith('#'))
      .join('\n');
    expect(comments).toContain('kubectl create namespace plimsoll');
    expect(comments).toContain('kubectl create secret generic plimsoll-gateway-token -n plimsoll');
    expect(comments).toContain('plimsoll-metrics-token');
    expect(comments).toContain('DATABASE_URL');
  });

  it.each<[string, readonly string[], RegExp, RegExp]>([
    ['nothing to print', ['--image', image], /--print is not given/, /--print --image IMAGE/],
    ['no image', ['--print'], /--image does not name/, /npm run image/],
    ['a tag', ['--print', '--image', 'plimsoll:1'], /by digest.*`plimsoll:1`/, /install kubernetes --help/],
    ['an image that ends its line', ['--print', '--image', `${image}\nkind: Pod`], /by digest/, /--help/],
    ['a name with capitals', ['--print', '--image', image, '--name', 'First'], /--name must be 1 to 40/, /--help/],
    ['a long name', ['--print', '--image', image, '--name', 'a'.repeat(41)], /--name must be/, /--help/],
    ['a namespace with a slash', ['--print', '--image', image, '--namespace', 'a/b'], /--namespace must be/, /--help/],
    ['no gateway', ['--print', '--image', image, '--gateways', '0'], /--gateways .* from 1 to 1000/, /--help/],
    ['half a gateway', ['--print', '--image', image, '--gateways', '1.5'], /--gateways/, /--help/],
    ['another store', ['--print', '--image', image, '--store', 'mysql'], /sqlite or postgresql, not `mysql`/, /--help/],
    ['a size without a unit', ['--print', '--image', image, '--storage', '10'], /such as 10Gi/, /--help/],
    ['a bucket elsewhere', ['--print', '--image', image, '--blobs', 'gs://a'], /s3:\/\/BUCKET/, /--help/],
    [
      'a certificate of KEDA without its port',
      ['--print', '--image', image, '--tls-secret', 'a', '--keda-tls-secret', 'b'],
      /--keda is not given/,
      /add --keda/,
    ],
    [
      'a certificate of KEDA without TLS',
      ['--print', '--image', image, '--keda', '--keda-tls-secret', 'b'],
      /--tls-secret is not given/,
      /add --tls-secret NAME/,
    ],
    [
      'two control planes without a bucket',
      ['--print', '--image', image, '--store', 'postgresql'],
      /share no folder/,
      /add --blobs/,
    ],
    [
      'a volume that nobody has',
      ['--print', '--image', image, '--store', 'postgresql', '--blobs', 's3://abc', '--storage', '1Gi'],
      /--storage is of the volume of SQLite/,
      /leave out --storage/,
    ],
  ])('refuses %s and says what next', async (_what, args, said, next) => {
    const { exit, err, out } = await install(...args);
    expect([exit, out]).toEqual([2, '']);
    expect(err.split('\n')[0]).toMatch(said);
    expect(err).toMatch(next);
  });
});
