/** What became of a request: nobody answered, the answer is not what is wanted, or it broke off. */
export type HttpFailureKind = 'unreachable' | 'refused' | 'broken' | 'stalled';

/** A request that came to nothing; the message says why, in words that follow the server's name. */
export class HttpFailure extends Error {
  readonly kind: HttpFailureKind;

  constructor(kind: HttpFailureKind, message: string) {
    super(message);
    this.name = 'HttpFailure';
    this.kind = kind;
  }
}

/** Errors of the system and of TLS in words. */
const failures: Readonly<Record<string, readonly [HttpFailureKind, string]>> = {
  ECONNREFUSED: ['unreachable', 'no server is there (connection refused)'],
  ENOTFOUND: ['unreachable', 'there is no host of that name'],
  EAI_AGAIN: ['unreachable', 'its name cannot be resolved now'],
  EHOSTUNREACH: ['unreachable', 'the host cannot be reached'],
  ENETUNREACH: ['unreachable', 'the network cannot be reached'],
  ETIMEDOUT: ['unreachable', 'the connection timed out'],
  ECONNRESET: ['broken', 'the connection was cut'],
  EPIPE: ['broken', 'the connection was cut'],
  HPE_HEADER_OVERFLOW: ['refused', 'the headers of its answer are too long'],
  DEPTH_ZERO_SELF_SIGNED_CERT: [
    'unreachable',
    'its certificate is signed by itself (NODE_EXTRA_CA_CERTS names others)',
  ],
  SELF_SIGNED_CERT_IN_CHAIN: ['unreachable', 'its certificate is not trusted (NODE_EXTRA_CA_CERTS names others)'],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['unreachable', 'its certificate is not trusted (NODE_EXTRA_CA_CERTS names others)'],
  CERT_HAS_EXPIRED: ['unreachable', 'its certificate has expired'],
  ERR_TLS_CERT_ALTNAME_INVALID: ['unreachable', 'its certificate is for another host'],
};

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

/** Any error of a request as a failure. */
export function requestFailure(error: unknown): HttpFailure {
  if (error instanceof HttpFailure) return error;
  // Several addresses of one name were tried, and none answered: the first says enough.
  if (error instanceof AggregateError && error.errors.length > 0 && !(codeOf(error) in failures))
    return requestFailure(error.errors[0]);
  const code = codeOf(error);
  const [kind, why] = failures[code] ?? [];
  if (kind !== undefined && why !== undefined) return new HttpFailure(kind, why);
  if (code.startsWith('HPE_')) return new HttpFailure('refused', `its answer is not HTTP (${code})`);
  const message = error instanceof Error ? error.message : String(error);
  return new HttpFailure('broken', message.slice(0, 200));
}
