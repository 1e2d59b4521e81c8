import { spawnSync } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { callApi } from './api.ts';
import { dnsAddress, type ClusterPlace } from './place.ts';

const headerBytes = 12;
const typeA = 1;
const classInternet = 1;
const noName = 3;
/** Long enough for one connection; a Service that is made anew has another address. */
const secondsToLive = 1;

/** Stands for the DNS of a cluster: names of Services, and nothing else. The kubelet names its address to all pods. */
export class ServiceNames {
  readonly #socket: Socket = createSocket('udp4');

  async open(place: ClusterPlace): Promise<void> {
    spawnSync('ip', ['addr', 'add', `${dnsAddress}/32`, 'dev', 'lo']);
    this.#socket.on('message', (query, { address, port }) => {
      void makeAnswer(query, (name) => findService(place, name))
        // A resolver asks again where nobody answers.
        .then((answer) => this.#socket.send(answer, port, address))
        .catch(() => undefined);
    });
    await new Promise<void>((resolve, reject) => {
      this.#socket.once('error', reject);
      this.#socket.bind(53, dnsAddress, resolve);
    });
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(resolve));
  }
}

/** Of `SERVICE.NAMESPACE.svc.cluster.local`; null where there is none. */
async function findService(place: ClusterPlace, name: string): Promise<string | null> {
  const [, service, namespace] = /^([a-z0-9-]+)\.([a-z0-9-]+)\.svc\.cluster\.local$/.exec(name) ?? [];
  if (service === undefined) return null;
  const { status, body } = await callApi(place, 'GET', `/api/v1/namespaces/${namespace}/services/${service}`);
  return status === 200 ? String(body.spec.clusterIP) : null;
}

/** RFC 1035, section 4.1: the question comes back, with one address where it asks for one and the name is there. */
async function makeAnswer(query: Buffer, find: (name: string) => Promise<string | null>): Promise<Buffer> {
  const labels: string[] = [];
  let at = headerBytes;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const question = query.subarray(headerBytes, at + 5);
  const found = await find(labels.join('.').toLowerCase());
  const isAsked = found !== null && query.readUInt16BE(at + 1) === typeA;
  const header = Buffer.alloc(headerBytes);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8580 | (found === null ? noName : 0), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(isAsked ? 1 : 0, 6);
  if (!isAsked) return Buffer.concat([header, question]);
  const record = Buffer.alloc(16);
  record.writeUInt16BE(0xc000 | headerBytes, 0);
  record.writeUInt16BE(typeA, 2);
  record.writeUInt16BE(classInternet, 4);
  record.writeUInt32BE(secondsToLive, 6);
  record.writeUInt16BE(4, 10);
  Buffer.from(found.split('.').map(Number)).copy(record, 12);
  return Buffer.concat([header, question, record]);
}
