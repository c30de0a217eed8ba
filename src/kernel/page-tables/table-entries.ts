import type { Machine } from '../../machine/machine.ts';

/** Bytes that are read at once around an entry. */
const pieceBytes = 4096;
const pieceShift = 12n;
/** Pieces of tables that are kept: 64 MiB of them. */
const mostPieces = 16_384;

/** Entries of page tables in a machine's physical memory, each piece of a table read once. */
export class TableEntries {
  readonly #machine: Machine;
  #pieces = new Map<bigint, DataView | undefined>();

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** The entry at a physical address, if that was read before; `unread` if not, undefined if it cannot be read. */
  known(at: bigint): bigint | undefined | 'unread' {
    const piece = this.#pieces.get(at >> pieceShift);
    if (piece === undefined) return this.#pieces.has(at >> pieceShift) ? undefined : 'unread';
    return piece.getBigUint64(Number(at & 0xff8n), true);
  }

  /** The same, read if it was not. */
  async read(at: bigint): Promise<bigint | undefined> {
    const known = this.known(at);
    if (known !== 'unread') return known;
    const number = at >> pieceShift;
    const pieces = this.#pieces;
    const bytes = await this.#machine.readPhysical(number << pieceShift, pieceBytes);
    const piece = bytes === undefined ? undefined : new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (pieces.size >= mostPieces) pieces.clear();
    pieces.set(number, piece);
    return piece?.getBigUint64(Number(at & 0xff8n), true);
  }

  /** Forgets everything: the machine ran meanwhile. */
  forget(): void {
    this.#pieces = new Map();
  }
}
