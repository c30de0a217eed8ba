import { matchDistilled } from './distilled.ts';
import { btfError } from './errors.ts';
import { readParts } from './header.ts';
import type { BtfBytes } from './open-btf.ts';
import type { Segment } from './segment.ts';
import { BtfStrings } from './strings.ts';
import type { BtfEnumerator, BtfMember, BtfPlace, BtfType, BtfTypeId } from './type.ts';
import { readTypeTable, type WholeTable } from './type-table.ts';
import { WholeSegment } from './whole-segment.ts';
import type { WrittenTypes } from './written-types.ts';

const voidType: BtfType = { kind: 'void' };

interface Placed {
  readonly segment: Segment;
  readonly index: number;
}

/** The types of a kernel, or of a kernel and one of its modules, in memory. */
export class BtfTypes implements WrittenTypes {
  readonly littleEndian: boolean;
  /** Numbers of types are below it. */
  readonly count: number;
  /** Why some types are missing. */
  readonly problems: readonly string[];
  readonly strings: BtfStrings;
  readonly base: BtfTypes | undefined;
  readonly #segments: readonly WholeSegment[];

  /** @throws KtriageError KT-BTF-DAMAGED, KT-BTF-UNSUPPORTED, KT-BTF-BASE */
  constructor(source: BtfBytes, kernel: BtfTypes | undefined) {
    const parts = readParts(source.name, source.bytes);
    const table = readTypeTable(parts);
    // Types that go on from others have no empty string at the start: the one of the others is theirs (libbpf).
    const isSplit = parts.strings.length === 0 || parts.strings[0] !== 0;
    const base = isSplit ? kernel : undefined;
    this.littleEndian = parts.littleEndian;
    this.base = base;
    if (isSplit && source.base !== undefined) {
      const distilled = openDistilled(source.name, source.base, parts.littleEndian);
      this.strings = new BtfStrings(parts.strings, distilled.strings);
      this.#segments = joinDistilled(table, this.strings, distilled, base);
    } else {
      if (isSplit && base === undefined)
        throw btfError('BASE', source.name, 'it is of a module, and the types of its kernel were not given');
      this.strings = new BtfStrings(parts.strings, base?.strings);
      // A module may have no enumeration that would tell.
      const tells = base?.tellsSigns;
      const traits = tells === undefined ? {} : { tellsSigns: tells };
      this.#segments = [new WholeSegment(base?.count ?? 1, table, this.strings, (raw) => raw, traits)];
    }
    if (isSplit && base !== undefined && base.littleEndian !== this.littleEndian)
      throw btfError('BASE', source.name, 'its order of bytes is another than that of the kernel');
    if (isSplit) checkNames(source.name, table, this.strings);
    this.count = this.#segments.reduce((sum, { count }) => sum + count, base?.count ?? 1);
    this.problems = [...(base?.problems ?? []), ...(table.problem === undefined ? [] : [table.problem])];
  }

  get whole(): BtfTypes {
    return this;
  }

  /** Whether enumerations say if their numbers have a sign. */
  get tellsSigns(): boolean {
    return this.#segments[0]?.tellsSigns ?? false;
  }

  type(id: BtfTypeId): BtfType {
    if (id === 0) return voidType;
    const placed = this.#place(id);
    return placed === undefined ? { kind: 'unknown', number: 0 } : placed.segment.type(placed.index);
  }

  /** Empty of what has none. */
  name(id: BtfTypeId): string {
    const placed = this.#place(id);
    return placed === undefined ? '' : placed.segment.name(placed.index);
  }

  members(id: BtfTypeId): readonly BtfMember[] {
    const placed = this.#place(id);
    return placed === undefined ? [] : placed.segment.members(placed.index);
  }

  enumerators(id: BtfTypeId): readonly BtfEnumerator[] {
    const placed = this.#place(id);
    return placed === undefined ? [] : placed.segment.enumerators(placed.index);
  }

  places(id: BtfTypeId): readonly BtfPlace[] {
    const placed = this.#place(id);
    return placed === undefined ? [] : placed.segment.places(placed.index);
  }

  find(name: string): readonly BtfTypeId[] {
    const [own, lost] = this.#segments;
    return [...(own?.named(name) ?? []), ...(this.base?.find(name) ?? []), ...(lost?.named(name) ?? [])];
  }

  withEnumerator(name: string): readonly BtfTypeId[] {
    const offsets = this.strings.offsetsOf(name);
    const own = this.#segments.flatMap((segment) => segment.withEnumerator(offsets));
    return [...own, ...(this.base?.withEnumerator(name) ?? [])];
  }

  *ofKinds(kinds: readonly number[]): Generator<readonly [id: BtfTypeId, name: string]> {
    if (this.base !== undefined) yield* this.base.ofKinds(kinds);
    for (const segment of this.#segments)
      for (const index of segment.ofKinds(kinds)) yield [segment.first + index, segment.name(index)];
  }

  #place(id: BtfTypeId): Placed | undefined {
    if (this.base !== undefined && id < this.base.count) return this.base.#place(id);
    for (const segment of this.#segments) {
      const index = id - segment.first;
      if (index >= 0 && index < segment.count) return { segment, index };
    }
    return undefined;
  }
}

interface Distilled {
  readonly table: WholeTable;
  readonly strings: BtfStrings;
}

function openDistilled(file: string, bytes: Uint8Array, littleEndian: boolean): Distilled {
  const parts = readParts(`${file} (.BTF.base)`, bytes);
  if (parts.littleEndian !== littleEndian)
    throw btfError('DAMAGED', file, 'its order of bytes is another in .BTF.base than in .BTF');
  const table = readTypeTable(parts);
  if (table.problem !== undefined) throw btfError('DAMAGED', file, `of .BTF.base, ${table.problem}`);
  return { table, strings: new BtfStrings(parts.strings) };
}

/**
 * The types of a module behind those of its kernel, and behind them what of its base the kernel does not have, which is
 * only known by name and size. (Such bases are newer than the signs of enumerations.)
 */
function joinDistilled(
  table: WholeTable,
  strings: BtfStrings,
  distilled: Distilled,
  kernel: BtfTypes | undefined,
): WholeSegment[] {
  const first = kernel?.count ?? 1;
  const firstLost = first + table.starts.length;
  const firstOwn = distilled.table.starts.length + 1;
  let known: readonly (BtfTypeId | undefined)[] = [0];
  const reference = (raw: number): BtfTypeId =>
    raw >= firstOwn ? raw - firstOwn + first : (known[raw] ?? raw - 1 + firstLost);
  const lost = new WholeSegment(firstLost, distilled.table, strings, reference, {
    isDistilled: true,
    tellsSigns: true,
  });
  if (kernel !== undefined) known = matchDistilled(lost, kernel);
  return [new WholeSegment(first, table, strings, reference, { tellsSigns: true }), lost];
}

/** Names of a module are shifted if the strings of its kernel are of another length, as in every other build. */
function checkNames(file: string, { words, starts }: WholeTable, strings: BtfStrings): void {
  let names = 0;
  let wrong = 0;
  for (const start of starts) {
    const name = words[start] ?? 0;
    if (name === 0) continue;
    names += 1;
    if (!strings.beginsAt(name)) wrong += 1;
  }
  if (wrong * 10 > names)
    throw btfError('BASE', file, `${wrong} of its ${names} names are none with the types of the kernel that was given`);
}
