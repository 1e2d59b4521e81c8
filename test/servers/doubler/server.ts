/**
 * A small server of the Open Inference Protocol: `y` is twice `x`. The replica that first finds the file FAULT takes it away and
 * goes bad, as the file says: `all` answers or only those to `large` inputs. It is well again once FAULT.over is there.
 */
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';

interface Tensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

const given = (name: string): string => {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
};
const model = given('PLIMSOLL_MODEL_NAME');
const faultFile = given('FAULT');
let fault: string | null = null;

function lookForFault(): void {
  if (existsSync(`${faultFile}.over`)) fault = null;
  try {
    renameSync(faultFile, `${faultFile}.taken`);
    fault = readFileSync(`${faultFile}.taken`, 'utf8').trim();
  } catch {
    // There is none, or another replica was faster.
  }
}

function infer(inputs: readonly Tensor[]): readonly Tensor[] {
  lookForFault();
  const x = inputs[0] ?? { name: 'x', datatype: 'FP32', shape: [1, 0], data: [] };
  const data = x.data.flat().map(Number);
  const isBad = fault === 'all' || (fault === 'large' && data.some((value) => value >= 50));
  return [{ ...x, name: 'y', data: data.map((value) => (isBad ? -value : 2 * value)) }];
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

const tensor = (name: string) => ({ name, datatype: 'FP32', shape: [-1, 2] });

createServer((request, response) => {
  const route = `${request.method} ${request.url}`;
  if (route === `GET /v2/models/${model}`) {
    const about = { name: model, versions: ['1'], platform: 'doubler', inputs: [tensor('x')], outputs: [tensor('y')] };
    answer(response, 200, about);
  } else if (route === `POST /v2/models/${model}/infer`) {
    json(request)
      .then((asked) => {
        const outputs = infer((asked as { readonly inputs: readonly Tensor[] }).inputs);
        answer(response, 200, { model_name: model, outputs });
      })
      .catch((thrown: unknown) => answer(response, 400, { error: String(thrown) }));
  } else answer(response, request.method === 'GET' && request.url?.startsWith('/v2') === true ? 200 : 404, {});
}).listen(Number(given('PLIMSOLL_PORT')), given('PLIMSOLL_HOST'));
