import type { GdbConnection } from './connection.ts';
import { garbledError, refusedError, shown, stateError } from './errors.ts';
import { ownFeatures, parseFeatures, type StubFeatures } from './features.ts';
import { unescapeBinary } from './packet-parser.ts';
import type { RegisterLayout } from './register-layout.ts';
import { parseStopReply } from './stop-reply.ts';
import { readTargetDescription } from './target-description.ts';
import { parseThreadId } from './thread-id.ts';

/** Bytes of a target description's document at most. */
const mostDocumentBytes = 4_194_304;

/** What is found out at the beginning. */
export interface Attached {
  /** The registers that the stub describes. */
  readonly description: RegisterLayout | undefined;
  /** Its answer to `vCont?`, each action behind a `;`. */
  readonly resumeActions: string;
  /** What it stood still for, in gdb's numbering: 5 a trap, 11 a memory fault. */
  readonly signal?: number;
  /** The process that the guest is, in hex as the stub has it. */
  readonly process: string;
}

/** Tells a stub what we can do and hears what it can. Even after an abort: how to detach depends on the answer. */
export async function negotiate(connection: GdbConnection, usualPacketSize?: number): Promise<StubFeatures> {
  const answer = await connection.request(ownFeatures, 'plain', { evenAborted: true });
  return parseFeatures(answer.toString('latin1'), usualPacketSize);
}

/** The rest of the handshake. */
export async function attach(connection: GdbConnection, features: StubFeatures): Promise<Attached> {
  if (features.hasNoAckMode && (await text(connection, 'QStartNoAckMode')) === 'OK') connection.stopAcknowledging();
  // Some stubs answer nothing else before this.
  const why = await connection.request('?', 'stop');
  const reply = parseStopReply(why);
  if (reply === undefined) throw refusedError(connection.peer, '?', why.toString('latin1', 0, 80));
  if (reply.kind !== 'signal') throw stateError(connection.peer, 'its guest has ended');
  const process = reply.thread === undefined ? undefined : parseThreadId(reply.thread)?.process;
  const [actions, description] = await Promise.all([
    text(connection, 'vCont?'),
    features.hasDescription
      ? readTargetDescription((name) => readDocument(connection, features.packetSize, name))
      : undefined,
  ]);
  return {
    description,
    signal: reply.signal,
    resumeActions: actions.startsWith('vCont') ? `${actions.slice(5)};` : '',
    process: process === undefined ? '1' : process.toString(16),
  };
}

/** A document of the description; undefined if there is none of that name. */
async function readDocument(connection: GdbConnection, packetSize: number, name: string): Promise<string | undefined> {
  const pieces: Buffer[] = [];
  let size = 0;
  const length = Math.max(16, packetSize - 5).toString(16);
  while (size < mostDocumentBytes) {
    const answer = await connection.request(`qXfer:features:read:${name}:${size.toString(16)},${length}`);
    const isLast = answer[0] === 0x6c; // l
    if (!isLast && answer[0] !== 0x6d) return undefined; // m
    const piece = unescapeBinary(answer.subarray(1));
    pieces.push(piece);
    size += piece.length;
    if (isLast) return Buffer.concat(pieces).toString('latin1');
    if (piece.length === 0) break;
  }
  throw garbledError(connection.peer, `its description ${shown(name)} has no end`);
}

async function text(connection: GdbConnection, request: string): Promise<string> {
  return (await connection.request(request)).toString('latin1');
}
