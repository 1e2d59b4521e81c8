/**
 * The variables that a platform sets for every replica, whatever server it is. Any of them may stand as `${NAME}` in the
 * contract's `code.command`, `code.args` and `code.env`.
 */
export const replicaEnvironment = {
  replicaId: 'PLIMSOLL_REPLICA_ID',
  /** State folder of the platform that started it; part of what identifies a process on adoption. */
  home: 'PLIMSOLL_HOME',
  /** Port to listen on, on the loopback address for the local platform. */
  port: 'PLIMSOLL_PORT',
  host: 'PLIMSOLL_HOST',
  modelName: 'PLIMSOLL_MODEL_NAME',
  modelVersion: 'PLIMSOLL_MODEL_VERSION',
  /** Folder that holds the files of the model version under their own names. */
  modelDir: 'PLIMSOLL_MODEL_DIR',
  /** Digest of each file as JSON `{ "model.onnx": "sha256:..." }`, so that a server can verify what it loads. */
  modelFiles: 'PLIMSOLL_MODEL_FILES',
  /** Absolute path of the contract to check this node against before weights are loaded; its lock lies beside it. */
  contract: 'PLIMSOLL_CONTRACT',
  /** The contract's environment that the replica belongs to. */
  environment: 'PLIMSOLL_ENVIRONMENT',
  /** What a request has to show that loads or unloads a model; a secret, and in no command line. */
  ordersToken: 'PLIMSOLL_ORDERS_TOKEN',
} as const;
