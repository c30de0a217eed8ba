import { compilerTypeName } from '../util/base-type-names.ts';
import { cName } from './c-name.ts';
import {
  type BtfFunction,
  type BtfVariable,
  functionsNamed,
  placesOfVariables,
  type VariablePlaces,
  variablesNamed,
} from './functions.ts';
import { type LayoutMember, layoutOf, type StructLayout } from './layout.ts';
import { type MemberAt, membersAt } from './member-at.ts';
import { type LayoutSource, type MemberPlace, placeOf } from './member-path.ts';
import { type BtfSource, readSource } from './open-btf.ts';
import { plainType, sizeOfType } from './sizes.ts';
import type { BtfEnumerator, BtfMember, BtfPlace, BtfType, BtfTypeId } from './type.ts';
import { BtfTypes } from './types.ts';

/** Layouts that are remembered, by their members. */
const mostRemembered = 262_144;

interface RememberedLayout {
  readonly layout: StructLayout | undefined;
  readonly byName: ReadonlyMap<string, LayoutMember>;
}

/** Structures of one name that are looked at; files of a kernel have their own, but few. */
const mostOfName = 16;

/** The name of a type, or its number. */
export type BtfTypeName = string | BtfTypeId;

/**
 * The types of a kernel, or of a kernel and one of its modules, from BTF (Documentation/bpf/btf.rst). Nothing is read but
 * what is asked for. What is damaged is `unknown`, or not there: only opening throws.
 *
 * Structures are named as in C: `task_struct`, `struct task_struct`, `union thread_union`, or by a typedef (`pgd_t`).
 */
export class Btf implements LayoutSource {
  /** What it is called in messages: a path. */
  readonly name: string;
  readonly littleEndian: boolean;
  /** Bytes of a pointer. */
  readonly pointerSize: number;
  readonly #types: BtfTypes;
  readonly #layouts = new Map<BtfTypeId, RememberedLayout>();
  #rememberedMembers = 0;
  #places: VariablePlaces | undefined;

  private constructor(name: string, types: BtfTypes, pointerSize: number | undefined) {
    this.name = name;
    this.littleEndian = types.littleEndian;
    this.#types = types;
    this.pointerSize = pointerSize ?? sizeOfLong(types) ?? 8;
  }

  /**
   * Opens the BTF of a vmlinux, a module, or from a guest's memory. That of a module continues its kernel's, `kernel`;
   * with a `.BTF.base` it goes with other builds too, and without any: then structures of the kernel are only declared.
   * @throws KtriageError KT-BTF-MISSING, KT-BTF-DAMAGED, KT-BTF-UNSUPPORTED, KT-BTF-BASE (the kernel is missing, or is
   * another one), KT-ELF-*, KT-FILE-UNREADABLE
   */
  static open(source: BtfSource, kernel?: Btf): Btf {
    const bytes = readSource(source);
    const types = new BtfTypes(bytes, kernel === undefined ? undefined : kernel.#types);
    return new Btf(bytes.name, types, bytes.pointerSize ?? kernel?.pointerSize);
  }

  /** Numbers of types are below it. */
  get typeCount(): number {
    return this.#types.count;
  }

  /** What was left out, in words; empty where nothing was. */
  get problems(): readonly string[] {
    return this.#types.problems;
  }

  type(id: BtfTypeId): BtfType {
    return this.#types.type(id);
  }

  /** The members of a structure as they are written; `layout()` has those of anonymous ones with them. */
  members(id: BtfTypeId): readonly BtfMember[] {
    return this.#types.members(id);
  }

  enumerators(id: BtfTypeId): readonly BtfEnumerator[] {
    return this.#types.enumerators(id);
  }

  /** All types of that name, of any kind; those of a module before those of its kernel. */
  find(name: string): readonly BtfTypeId[] {
    return this.#types.find(name);
  }

  /** The type behind typedefs, qualifiers and tags; `undefined` where they lead in a circle. */
  plain(id: BtfTypeId): BtfTypeId | undefined {
    return plainType(this.#types, id);
  }

  /** The name of a type as C writes it: `const char *`, `struct list_head`, `int (*)(struct work_struct *)`. */
  typeName(id: BtfTypeId): string {
    return cName(this.#types, id);
  }

  /** Something of a type as C declares it: `char comm[16]`. Functions and variables have their own names. */
  declaration(id: BtfTypeId, name = ''): string {
    return cName(this.#types, id, name);
  }

  /** Bytes of a type; `undefined` of what has none, and where it is not known. */
  sizeof(type: BtfTypeName): number | undefined {
    const id = typeof type === 'string' ? this.#named(type) : type;
    return id === undefined ? undefined : sizeOfType(this, id);
  }

  /** All structures and unions of a name that are more than declared: files of the kernel may have their own. */
  structs(name: string): readonly StructLayout[] {
    return this.#structIds(name).flatMap((id) => this.layout(id) ?? []);
  }

  /** The layout of a structure or union; of several of a name the first. */
  struct(type: BtfTypeName): StructLayout | undefined {
    const id = typeof type === 'string' ? this.#structIds(type)[0] : type;
    return id === undefined ? undefined : this.layout(id);
  }

  layout(id: BtfTypeId): StructLayout | undefined {
    return this.#remembered(id).layout;
  }

  /** A member as C reaches it, also in anonymous structures. */
  memberNamed(id: BtfTypeId, name: string): LayoutMember | undefined {
    return this.#remembered(id).byName.get(name);
  }

  /**
   * Where `se.vruntime` or `slot[2].name` is in a structure; `undefined` where one of both does not exist. Of several
   * structures of the name the first that has it.
   */
  member(type: BtfTypeName, path: string): MemberPlace | undefined {
    for (const id of typeof type === 'string' ? this.#structIds(type) : [type]) {
      const place = placeOf(this, id, path);
      if (place !== undefined) return place;
    }
    return undefined;
  }

  /**
   * What is at an offset in a structure, the likeliest first; in unions there are several.
   * @param offset bytes; outside of the structure, of another one of an array
   * @param size bytes that are accessed, 0 where that is not known
   */
  memberAt(type: BtfTypeName, offset: number, size = 0): readonly MemberAt[] {
    const id = typeof type === 'string' ? this.#named(type) : type;
    return id === undefined ? [] : membersAt(this, id, offset, size);
  }

  /** The value of an enumerator; that of an enumeration if it is said which one, without `enum`. */
  enumValue(name: string, enumeration?: string): bigint | undefined {
    for (const id of this.#types.withEnumerator(name)) {
      const type = this.type(id);
      if (enumeration !== undefined && (type.kind !== 'enumeration' || type.name !== enumeration)) continue;
      const found = this.enumerators(id).find((each) => each.name === name);
      if (found !== undefined) return found.value;
    }
    return undefined;
  }

  /** The first name that a value has in an enumeration. */
  enumName(id: BtfTypeId, value: bigint): string | undefined {
    const plain = this.plain(id);
    return plain === undefined ? undefined : this.enumerators(plain).find((each) => each.value === value)?.name;
  }

  /** The functions of a name; static ones may share theirs. */
  functions(name: string): readonly BtfFunction[] {
    return functionsNamed(this.#types, name);
  }

  /** What lies in a section, with offsets from its start; nothing in what is none. */
  places(id: BtfTypeId): readonly BtfPlace[] {
    return this.#types.places(id);
  }

  /** The variables of a name. Most kernels tell of per-CPU variables only, and where these are in their section. */
  variables(name: string): readonly BtfVariable[] {
    this.#places ??= placesOfVariables(this.#types);
    return variablesNamed(this.#types, name, this.#places);
  }

  #remembered(id: BtfTypeId): RememberedLayout {
    let found = this.#layouts.get(id);
    if (found === undefined) {
      const layout = layoutOf(this, id);
      const byName = new Map<string, LayoutMember>();
      for (const member of layout?.members ?? []) if (!byName.has(member.name)) byName.set(member.name, member);
      found = { layout, byName };
      this.#rememberedMembers += 1 + (layout?.members.length ?? 0);
      if (this.#rememberedMembers > mostRemembered) {
        this.#layouts.clear();
        this.#rememberedMembers = 0;
      }
      this.#layouts.set(id, found);
    }
    return found;
  }

  #structIds(name: string): readonly BtfTypeId[] {
    const [, keyword, bare = name] = /^(struct|union) +(.*)$/s.exec(name) ?? [];
    const found = this.find(bare);
    const direct = found.filter((id) => {
      const type = this.type(id);
      return type.kind === 'structure' && !type.isDeclaration && (keyword ?? type.keyword) === type.keyword;
    });
    if (direct.length > 0 || keyword !== undefined) return direct.slice(0, mostOfName);
    return found
      .filter((id) => this.type(id).kind === 'typedef')
      .slice(0, mostOfName)
      .filter((id) => this.layout(id) !== undefined);
  }

  /** A type of that name that has a size: a structure, else a typedef, base type or enumeration. */
  #named(name: string): BtfTypeId | undefined {
    const [struct] = this.#structIds(name);
    if (struct !== undefined) return struct;
    const bare = name.replace(/^enum +/, '');
    const found = [...this.find(bare), ...this.find(compilerTypeName(bare))];
    return found.find((id) => sizeOfType(this, id) !== undefined);
  }
}

/** A pointer is as wide as `long` in every kernel. */
function sizeOfLong(types: BtfTypes): number | undefined {
  for (const name of ['long unsigned int', 'unsigned long', 'long int', 'long']) {
    for (const id of types.find(name)) {
      const type = types.type(id);
      if (type.kind === 'base' && (type.size === 4 || type.size === 8)) return type.size;
    }
  }
  return undefined;
}
