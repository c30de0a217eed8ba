import type { Access } from '../../model/explanation.ts';
import type { DecodedMemory } from '../instruction.ts';
import { bit, field, general, generalOrStack, type Meaning, matches, signedField, unique } from './word.ts';

/** The parts of a load or store before the registers are sorted into read and written. */
interface Transfer {
  readonly access: Access;
  readonly size: number;
  readonly base?: string;
  readonly index?: string;
  readonly scale?: number;
  readonly extend?: string;
  readonly displacement?: bigint;
  readonly update?: 'before' | 'after';
  /** General registers whose values go to memory, or that memory's goes to. */
  readonly stored?: readonly string[];
  readonly loaded?: readonly string[];
  /** A plain load of one register or two, which the effect tells. */
  readonly plain?: { readonly signed: boolean };
}

function meaning(transfer: Transfer): Meaning {
  const { access, size, base, index, scale = 1, extend, displacement = 0n, update, plain } = transfer;
  const loaded = transfer.loaded ?? [];
  const memory: DecodedMemory = {
    access,
    size,
    ...(base !== undefined && { base }),
    ...(index !== undefined && { index }),
    scale,
    ...(extend !== undefined && { extend }),
    // Post-index: what the base moves on by is no part of the address.
    displacement: update === 'after' ? 0n : displacement,
    ...(update !== undefined && { update }),
  };
  const updated = update === undefined || base === undefined ? [] : [base];
  const [to, second] = loaded;
  return {
    memory: [memory],
    reads: unique([base ?? [], index ?? [], transfer.stored ?? []].flat()).filter((name) => name !== 'pc'),
    writes: unique([...loaded, ...updated]),
    ...(plain !== undefined &&
      to !== undefined && {
        effect: {
          kind: 'load',
          to,
          ...(second !== undefined && { second }),
          ...(plain.signed && { signed: true }),
        },
      }),
  };
}

/** Size, direction and sign of single-register accesses, by `size`, `V` and `opc` (C4.1.94). */
function single(word: number): Pick<Transfer, 'access' | 'size' | 'stored' | 'loaded' | 'plain'> | undefined {
  const size = field(word, 31, 30);
  const opc = field(word, 23, 22);
  const register = general(field(word, 4, 0));
  if (bit(word, 26)) {
    if (opc >= 2 && size !== 0) return undefined;
    return { access: (opc & 1) === 0 ? 'write' : 'read', size: opc >= 2 ? 16 : 1 << size };
  }
  if (opc === 0) return { access: 'write', size: 1 << size, stored: register };
  // prfm: never faults.
  if (opc === 2 && size === 3) return { access: 'none', size: 0 };
  if (opc === 3 && size >= 2) return undefined;
  return { access: 'read', size: 1 << size, loaded: register, plain: { signed: opc >= 2 } };
}

const updates = [undefined, 'after', undefined, 'before'] as const;

/** ldur, ldr with pre- and post-index, ldtr and the stores of these. */
function unscaled(word: number): Meaning | undefined {
  const parts = single(word);
  const update = updates[field(word, 11, 10)];
  return (
    parts &&
    meaning({
      ...parts,
      base: generalOrStack(field(word, 9, 5)),
      displacement: BigInt(signedField(word, 20, 12)),
      ...(update !== undefined && { update }),
    })
  );
}

function unsignedOffset(word: number): Meaning | undefined {
  const parts = single(word);
  if (parts === undefined) return undefined;
  const scale = parts.size === 0 ? 8 : parts.size;
  const displacement = BigInt(field(word, 21, 10) * scale);
  return meaning({ ...parts, base: generalOrStack(field(word, 9, 5)), displacement });
}

const extends_: Readonly<Record<number, string | undefined>> = { 2: 'uxtw', 3: undefined, 6: 'sxtw', 7: 'sxtx' };

function registerOffset(word: number): Meaning | undefined {
  const parts = single(word);
  const option = field(word, 15, 13);
  if (parts === undefined || !(option in extends_)) return undefined;
  const extend = extends_[option];
  const [index] = general(field(word, 20, 16));
  return meaning({
    ...parts,
    base: generalOrStack(field(word, 9, 5)),
    ...(index !== undefined && { index }),
    scale: bit(word, 12) ? parts.size || 8 : 1,
    ...(extend !== undefined && index !== undefined && { extend }),
  });
}

/** From the instruction's own address on. */
function literal(word: number): Meaning | undefined {
  const opc = field(word, 31, 30);
  const isVector = bit(word, 26);
  const displacement = BigInt(signedField(word, 23, 5) * 4);
  const base = 'pc';
  if (isVector) return opc === 3 ? undefined : meaning({ access: 'read', size: 4 << opc, base, displacement });
  if (opc === 3) return meaning({ access: 'none', size: 0, base, displacement });
  const loaded = general(field(word, 4, 0));
  return meaning({
    access: 'read',
    size: opc === 1 ? 8 : 4,
    base,
    displacement,
    loaded,
    plain: { signed: opc === 2 },
  });
}

const pairUpdates = [undefined, 'after', undefined, 'before'] as const;

/** ldp, stp, ldnp, ldpsw, stgp, and their unprivileged forms (FEAT_LSUI). */
function pair(word: number): Meaning {
  const opc = field(word, 31, 30);
  const isVector = bit(word, 26);
  const isLoad = bit(word, 22);
  const isTagged = !isVector && opc === 1 && !isLoad;
  const each = isVector ? (opc === 3 ? 16 : 4 << opc) : opc >= 2 || isTagged ? 8 : 4;
  const registers = isVector ? [] : [...general(field(word, 4, 0)), ...general(field(word, 14, 10))];
  const update = pairUpdates[field(word, 24, 23)];
  return meaning({
    access: isLoad ? 'read' : 'write',
    size: each * 2,
    base: generalOrStack(field(word, 9, 5)),
    displacement: BigInt(signedField(word, 21, 15) * (isTagged ? 16 : each)),
    ...(update !== undefined && { update }),
    ...(isLoad
      ? { loaded: registers, ...(registers.length === 2 && { plain: { signed: opc === 1 } }) }
      : { stored: registers }),
  });
}

/** Exclusive and ordered accesses, cas and casp; with bit 24 the unprivileged ones (FEAT_LSUI). */
function exclusive(word: number): Meaning {
  const each = 1 << field(word, 31, 30);
  const isOrdered = bit(word, 23);
  const isLoad = bit(word, 22);
  const isUnprivileged = bit(word, 24);
  const isPair = bit(word, 21);
  const base = generalOrStack(field(word, 9, 5));
  const [rs, rt2, rt] = [field(word, 20, 16), field(word, 14, 10), field(word, 4, 0)];
  const status = general(rs);
  const first = general(rt);
  if (isOrdered ? isUnprivileged && !bit(word, 31) : isPair && !bit(word, 31)) {
    // casp: two registers beside each other, compared with and become what was there; two stored.
    const size = bit(word, 30) ? 16 : 8;
    const [old = [], fresh = []] = [rs, rt].map((low) => [...general(low), ...general((low + 1) % 32)]);
    return meaning({ access: 'read-write', size, base, stored: [...old, ...fresh], loaded: old });
  }
  if (isOrdered && (isPair || isUnprivileged)) {
    return meaning({ access: 'read-write', size: each, base, stored: [...status, ...first], loaded: status });
  }
  if (isPair) {
    const both = [...first, ...general(rt2)];
    if (isLoad) return meaning({ access: 'read', size: each * 2, base, loaded: both });
    return meaning({ access: 'write', size: each * 2, base, stored: both, loaded: status });
  }
  if (isLoad) return meaning({ access: 'read', size: each, base, loaded: first, plain: { signed: false } });
  return meaning({ access: 'write', size: each, base, stored: first, loaded: isOrdered ? [] : status });
}

/** ldadd, ldclr, swp and the like, ldapr, and 64-byte accesses. */
function atomic(word: number): Meaning {
  const size = 1 << field(word, 31, 30);
  const base = generalOrStack(field(word, 9, 5));
  const to = general(field(word, 4, 0));
  const stored = general(field(word, 20, 16));
  if (bit(word, 26)) return meaning({ access: 'read-write', size, base });
  if (matches(word, 0x3fe0fc00, 0x38a0c000)) {
    return meaning({ access: 'read', size, base, loaded: to, plain: { signed: false } });
  }
  if (matches(word, 0xffe08c00, 0xf8208000) && field(word, 14, 12) !== 0) {
    const first = field(word, 4, 0);
    const eight = Array.from({ length: 8 }, (_, nth) => general((first + nth) % 32)).flat();
    // ld64b is 5; st64b 1, st64bv 3 and st64bv0 2 are stores, the latter two with a status in rs.
    if (field(word, 14, 12) === 5) return meaning({ access: 'read', size: 64, base, loaded: eight });
    return meaning({ access: 'write', size: 64, base, stored: eight, loaded: stored });
  }
  return meaning({ access: 'read-write', size, base, stored, loaded: to });
}

/** ldraa and ldrab: the base is authenticated first. */
function authenticated(word: number): Meaning {
  const offset = (field(word, 20, 12) - (bit(word, 22) ? 512 : 0)) * 8;
  return meaning({
    access: 'read',
    size: 8,
    base: generalOrStack(field(word, 9, 5)),
    displacement: BigInt(offset),
    loaded: general(field(word, 4, 0)),
    plain: { signed: false },
    ...(bit(word, 11) && { update: 'before' }),
  });
}

/** ldapur, stlur (FEAT_LRCPC2). */
function orderedUnscaled(word: number): Meaning | undefined {
  const parts = single(word);
  return (
    parts &&
    meaning({
      ...parts,
      base: generalOrStack(field(word, 9, 5)),
      displacement: BigInt(signedField(word, 20, 12)),
    })
  );
}

/** cpyp, cpym, cpye, setp and so on: addresses move on and the count runs down as they work (FEAT_MOPS). */
function copyOrSet(word: number): Meaning {
  const [rd, rs, rn] = [field(word, 4, 0), field(word, 20, 16), field(word, 9, 5)];
  const place = (base: string, access: Access): DecodedMemory => ({
    access,
    size: 0,
    base,
    scale: 1,
    displacement: 0n,
    update: 'after',
  });
  const isSet = field(word, 23, 22) === 3;
  const destination = place(generalOrStack(rd), 'write');
  const moved = [...general(rd), ...general(rn)];
  if (isSet) return { memory: [destination], reads: unique([...moved, ...general(rs)]), writes: moved };
  const all = [...general(rd), ...general(rs), ...general(rn)];
  return { memory: [destination, place(generalOrStack(rs), 'read')], reads: all, writes: all };
}

/** Memory tags (FEAT_MTE): ldg, stg, st2g, stzg, stz2g, and the ones for many. */
function tags(word: number): Meaning {
  const op = field(word, 23, 22);
  const mode = field(word, 11, 10);
  const register = general(field(word, 4, 0));
  const base = generalOrStack(field(word, 9, 5));
  const displacement = BigInt(signedField(word, 20, 12) * 16);
  if (mode === 0) {
    // stzgm, ldg, stgm, ldgm. ldg puts the tag into a register that keeps its other bits.
    const isLoad = op === 1 || op === 3;
    const isMany = op !== 1;
    return meaning({
      access: isLoad ? 'read' : 'write',
      size: isMany ? 0 : 16,
      base,
      displacement: isMany ? 0n : displacement,
      ...(isLoad ? { loaded: register } : {}),
      stored: isLoad && isMany ? [] : register,
    });
  }
  const update = updates[mode];
  const from = field(word, 4, 0);
  return meaning({
    access: 'write',
    size: op >= 2 ? 32 : 16,
    base,
    displacement,
    stored: from === 31 ? ['sp'] : register,
    ...(update !== undefined && { update }),
  });
}

/** Registers of ld1 to ld4 by their `opcode`. */
const structureRegisters: Readonly<Record<number, number>> = { 0: 4, 2: 4, 4: 3, 6: 3, 7: 1, 8: 2, 10: 2 };

/** ld1 to ld4, st1 to st4: of whole registers, and of one lane (or one value for all lanes). */
function structures(word: number): Meaning | undefined {
  const isPost = bit(word, 23);
  const [index] = isPost ? general(field(word, 20, 16)) : [];
  const base = generalOrStack(field(word, 9, 5));
  const access = bit(word, 22) ? 'read' : 'write';
  let size: number;
  if (bit(word, 24)) {
    const opcode = field(word, 15, 13);
    const count = (opcode & 1) * 2 + (bit(word, 21) ? 1 : 0) + 1;
    const step = opcode >> 1;
    const log = step === 3 ? field(word, 11, 10) : step === 2 ? (field(word, 11, 10) & 1) + 2 : step;
    size = count << log;
  } else {
    const count = structureRegisters[field(word, 15, 12)];
    if (count === undefined) return undefined;
    size = count * (bit(word, 30) ? 16 : 8);
  }
  const done = meaning({ access, size, base, ...(isPost && { update: 'after' }) });
  return index === undefined ? done : { ...done, reads: unique([...done.reads, index]) };
}

interface Encoding {
  readonly mask: number;
  readonly value: number;
  readonly decode: (word: number) => Meaning | undefined;
}

/** The first that matches. */
const encodings: readonly Encoding[] = [
  { mask: 0xbfbf0000, value: 0x0c000000, decode: structures },
  { mask: 0xbfa00000, value: 0x0c800000, decode: structures },
  { mask: 0xbf9f0000, value: 0x0d000000, decode: structures },
  { mask: 0xbfbf0000, value: 0x0d200000, decode: structures },
  { mask: 0xbf800000, value: 0x0d800000, decode: structures },
  { mask: 0xff200000, value: 0xd9200000, decode: tags },
  // gcsstr and gcssttr: a guarded control stack's (FEAT_GCS).
  {
    mask: 0xffffec00,
    value: 0xd91f0c00,
    decode: (word) =>
      meaning({
        access: 'write',
        size: 8,
        base: generalOrStack(field(word, 9, 5)),
        stored: general(field(word, 4, 0)),
      }),
  },
  { mask: 0x3e000000, value: 0x08000000, decode: exclusive },
  { mask: 0x3b200c00, value: 0x19000400, decode: copyOrSet },
  { mask: 0x3f200c00, value: 0x19000000, decode: orderedUnscaled },
  // ldtadd, ldtclr, ldtset, swpt (FEAT_LSUI): bit 30 is the size.
  {
    mask: 0xbf200c00,
    value: 0x19200400,
    decode: (word) => atomic(((word & 0x40000000) | 0x80000000 | (word & 0x3fffffff)) >>> 0),
  },
  { mask: 0x3b000000, value: 0x18000000, decode: literal },
  { mask: 0x3a000000, value: 0x28000000, decode: pair },
  { mask: 0x3b200000, value: 0x38000000, decode: unscaled },
  { mask: 0x3b200c00, value: 0x38200000, decode: atomic },
  { mask: 0x3b200c00, value: 0x38200800, decode: registerOffset },
  { mask: 0xff200400, value: 0xf8200400, decode: authenticated },
  { mask: 0x3b000000, value: 0x39000000, decode: unsignedOffset },
];

/** What a load or store does; undefined where a word is none of those known. */
export function memoryMeaning(word: number): Meaning | undefined {
  for (const { mask, value, decode } of encodings) if (matches(word, mask, value)) return decode(word);
  return undefined;
}
