/**
 * Root of every error that Proffer raises on purpose. `code` is stable; the
 * message is for people and names what to do. An error that is not a ProfferError is a bug.
 */
export abstract class ProfferError extends Error {
  /** Stable, machine-readable name in capitals. */
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** What the codes of this folder, of `src/kube` and of `src/outbound` mean, and what their reader can do. */
export const errorCodes = {
  PROFFER_CONFIG: {
    meaning: 'A setting, a flag or a kubeconfig cannot be used.',
    remedy: 'The message names the field and what it must hold.',
  },
  PROFFER_USAGE: {
    meaning: 'The command line cannot be run as it stands.',
    remedy: 'The message names the word and what is allowed; proffer help COMMAND lists the flags.',
  },
  PROFFER_ROLLOUT: {
    meaning: 'The update of a pool makes no progress, or cannot be taken back.',
    remedy: 'The message says what holds it, or which revision there is none of.',
  },
  PROFFER_OPERATOR_UNAVAILABLE: {
    meaning:
      'The command line cannot read the operator: none is installed, none leads, or it does not answer.',
    remedy: 'The message says which, and the flag or the kubectl command that leads on.',
  },
  PROFFER_QUANTITY: {
    meaning: 'A text is not a Kubernetes quantity.',
    remedy: 'Write a number with an optional suffix: 500m, 2, 1.5Gi, 1e3.',
  },
  PROFFER_RESOURCES: {
    meaning: 'A text is not a bundle of resources, or not a list of attributes, as Mesos writes them.',
    remedy: 'The message names the field and the grammar, as in cpus:2;mem:1024;ports:[31000-32000].',
  },
  PROFFER_OFFER_EVENT: {
    meaning: 'The offer engine was told something that cannot be, such as an agent that it does not know.',
    remedy: 'The message names the field and what it may hold; nothing of the event was applied.',
  },
  PROFFER_SCENARIO: {
    meaning: 'A scenario file cannot be run as it stands.',
    remedy: 'Each line of the message names the file, the line, the step, the field and what it may hold.',
  },
  PROFFER_DUMP: {
    meaning: 'A file is no dump of a cluster as it stands, or the cluster has not what was asked for.',
    remedy: 'The message names the file, the document, the object and the field, and what to do.',
  },
  PROFFER_EXPECTATION: {
    meaning: 'A scenario ran to its end, and expectations in it did not hold.',
    remedy: 'The message shows every difference; correct the expectation or the scenario.',
  },
  PROFFER_ALLOCATION_INVALID: {
    meaning: 'A call of the allocation API cannot be read, or a field of it cannot be as it is (400).',
    remedy: 'The answer names the field and what it must hold; /openapi.json has all fields.',
  },
  PROFFER_ALLOCATION_UNAUTHENTICATED: {
    meaning: 'A call of the allocation API came without a token that the API server knows (401).',
    remedy:
      'Send Authorization: Bearer TOKEN, such as the token of a ServiceAccount; a server that counts sends one of audience proffer.dev from its own Pod.',
  },
  PROFFER_ALLOCATION_FORBIDDEN: {
    meaning:
      'The caller may not allocate servers in that namespace, or calls as a server and is none of a pool (403).',
    remedy:
      'Bind a Role with create, and get for reading, of gameserverpools/allocate. A server sends the token that is projected into its Pod.',
  },
  PROFFER_ALLOCATION_NOT_FOUND: {
    meaning: 'There is no such session, pool or call (404).',
    remedy: 'The answer says which. A session that is gone was released, or its server ended: allocate anew.',
  },
  PROFFER_ALLOCATION_CONTENTION: {
    meaning: 'Servers changed each time that one was to be given out (409).',
    remedy: 'Ask again with the same session.',
  },
  PROFFER_ALLOCATION_TOO_LARGE: {
    meaning: 'A call of the allocation API is longer than 64 KiB (413).',
    remedy: 'Send less: large data of a session belongs elsewhere.',
  },
  PROFFER_ALLOCATION_NONE_FREE: {
    meaning: 'No free server fits (429).',
    remedy: 'Ask again after Retry-After, or give waitSeconds; let the pool have more servers.',
  },
  PROFFER_ALLOCATION_TOO_MANY: {
    meaning: 'The caller calls too often, or too many calls are under way (429).',
    remedy:
      'Ask again after Retry-After; --allocation-rate sets the calls of a second. A server calls once a second, and its namespace a hundred times.',
  },
  PROFFER_ALLOCATION_NO_LEADER: {
    meaning: 'No replica leads at the moment, or the one that does is not reached (503).',
    remedy: 'Send the same call again after a second.',
  },
  PROFFER_ALLOCATION_API: {
    meaning: 'The Kubernetes API does not answer, or refuses the write to a server (503).',
    remedy: 'Send the same call again; the answer has its words.',
  },
  PROFFER_ALLOCATION_FAULT: {
    meaning: 'The allocation API failed by a fault of Proffer (500).',
    remedy: 'The log of the replica has it; please report it.',
  },
  PROFFER_ANSWER: {
    meaning: 'A server that is asked over the network gives an answer that is none of its protocol.',
    remedy:
      'Correct protocol and port in health.query of its pool; the message is in the condition of its Pod.',
  },
  PROFFER_KUBE_CONFLICT: {
    meaning: 'The object changed since it was read, or a precondition of the write does not hold.',
    remedy: 'Nothing; the next pass reads it again and decides anew.',
  },
  PROFFER_KUBE_ALREADY_EXISTS: {
    meaning: 'An object of that name exists already.',
    remedy: 'Nothing if it is ours; otherwise rename or remove the object in the message.',
  },
  PROFFER_KUBE_NOT_FOUND: {
    meaning: 'The object, or the kind itself, does not exist.',
    remedy: 'If the kind is missing, install the CRDs of this version.',
  },
  PROFFER_KUBE_GONE: {
    meaning: 'A resource version or continue token is too old for the API server.',
    remedy: 'Nothing; the list is read again.',
  },
  PROFFER_KUBE_INVALID: {
    meaning: 'The API server or an admission plugin refuses the content of the request.',
    remedy: 'Correct the fields that the message names.',
  },
  PROFFER_KUBE_FORBIDDEN: {
    meaning: 'RBAC, a quota or admission does not permit the request.',
    remedy: 'Grant the permission, or raise the quota, that the message names.',
  },
  PROFFER_KUBE_UNAUTHORIZED: {
    meaning: 'The API server does not accept the credentials.',
    remedy: 'Renew the token or client certificate of the kubeconfig or service account.',
  },
  PROFFER_KUBE_THROTTLED: {
    meaning: 'The API server sheds load (429), or a disruption budget forbids an eviction for now.',
    remedy:
      'Nothing; it is retried when the server says so. If it lasts, check the FlowSchema of the operator.',
  },
  PROFFER_KUBE_SERVER: {
    meaning: 'The API server, or something behind it, failed (5xx).',
    remedy: 'It is retried; if it lasts, look at the API server and its webhooks.',
  },
  PROFFER_KUBE_NETWORK: {
    meaning: 'The connection to the API server failed or broke.',
    remedy: 'It is retried; if it lasts, check the address, network policies and certificates.',
  },
  PROFFER_KUBE_TIMEOUT: {
    meaning: 'The API server did not answer in time.',
    remedy: 'It is retried; if it lasts, the API server is overloaded or unreachable.',
  },
  PROFFER_KUBE_TOO_LARGE: {
    meaning: 'A page of a list is longer than what is taken in at a time.',
    remedy: 'Nothing; fewer objects are asked for.',
  },
  PROFFER_KUBE_FENCED: {
    meaning: 'A write was held back, since this replica does not lead any more.',
    remedy: 'Nothing; the replica that leads decides anew.',
  },
  PROFFER_OUTBOUND: {
    meaning: 'A web server of others, such as the webhook of a pool, does not answer, or not as it must.',
    remedy: 'The message says what is wrong; the condition ScalingActive of the pool has it.',
  },
} as const satisfies Record<string, { meaning: string; remedy: string }>;

/** A setting, a flag or a kubeconfig that cannot be used; the message names the field. */
export class ConfigError extends ProfferError {
  readonly code = 'PROFFER_CONFIG';
}

/** The message of anything that was thrown. */
export const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);

/** Anything that was thrown, for the log. */
export const traceOf = (thrown: unknown): { readonly error: string; readonly stack: string } => ({
  error: messageOf(thrown),
  stack: thrown instanceof Error ? (thrown.stack ?? '') : '',
});
