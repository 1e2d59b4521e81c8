/** What the gateway and the model server take, as an OpenAPI document: the control plane has its own. */
type Json = Readonly<Record<string, unknown>>;

const anyAnswer: Json = { default: { description: 'an answer' } };
const get = (parameters: readonly Json[] = []): Json => ({ get: { parameters, responses: anyAnswer } });
const post = (schema: Json, parameters: readonly Json[] = []): Json => ({
  post: {
    parameters,
    requestBody: { required: true, content: { 'application/json': { schema } } },
    responses: anyAnswer,
  },
});

const name = (model: string): Json => ({
  name: 'model',
  in: 'path',
  required: true,
  schema: { anyOf: [{ enum: [model] }, { type: 'string' }] },
});
const deadline: Json = { name: 'plimsoll-deadline-ms', in: 'header', schema: { type: 'string' } };

const tensor: Json = {
  type: 'object',
  required: ['name', 'shape', 'datatype', 'data'],
  properties: {
    name: { type: 'string' },
    shape: { type: 'array', items: { type: 'integer' } },
    datatype: { enum: ['BOOL', 'INT8', 'INT64', 'UINT8', 'FP16', 'FP32', 'FP64', 'BYTES', 'other'] },
    data: { type: 'array' },
    parameters: { type: 'object' },
  },
};
const inference: Json = {
  type: 'object',
  required: ['inputs'],
  properties: {
    id: { type: 'string' },
    inputs: { type: 'array', items: tensor },
    outputs: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } } } },
    parameters: { type: 'object' },
  },
};

/** The Open Inference Protocol, as both speak it. */
const inferencePaths = (model: string): Json => ({
  '/v2': get(),
  '/v2/health/live': get(),
  '/v2/health/ready': get(),
  '/v2/models/{model}': get([name(model)]),
  '/v2/models/{model}/ready': get([name(model)]),
  '/v2/models/{model}/versions/{version}/ready': get([
    name(model),
    { name: 'version', in: 'path', required: true, schema: { type: 'string' } },
  ]),
  '/v2/models/{model}/infer': post(inference, [name(model), deadline]),
});

const documentOf = (title: string, paths: Json): Json => ({
  openapi: '3.1.0',
  info: { title, version: '1' },
  paths,
});

export const gatewayDocument = (model: string): Json =>
  documentOf('gateway', {
    ...inferencePaths(model),
    '/plimsoll/live': get(),
    '/plimsoll/ready': get(),
    '/plimsoll/identity': get(),
    '/plimsoll/metrics': get(),
  });

const load: Json = { type: 'object', properties: { parameters: { type: 'object' } } };
export const modelServerDocument = (model: string): Json =>
  documentOf('model server', {
    ...inferencePaths(model),
    '/metrics': get(),
    '/v2/repository/index': post({ type: 'object', properties: { ready: { type: 'boolean' } } }),
    '/v2/repository/models/{model}/load': post(load, [name(`no-${model}`)]),
    '/v2/repository/models/{model}/unload': post(load, [name(`no-${model}`)]),
  });
