import { joinPath, type MemberPath, memberPaths } from '../dwarf/type-path.ts';
import type { TypeRef } from '../dwarf/type-reader.ts';
import type { EntryTools } from '../dwarf/variables.ts';

/** An expression of the source, by what the debug information says of its parts. */
export interface Expression {
  /** `ring`, `ring->slot[2]`, `get_ring()`. */
  readonly text: string;
  readonly tools: EntryTools;
  readonly type: TypeRef;
  /** The function that its first variable belongs to. */
  readonly function: string;
  readonly kind: 'parameter' | 'local' | 'member';
  /** Where the value of a variable was: a register's name, or words about its place. */
  readonly location?: string;
  /** False where the value may have come another way. */
  readonly certain: boolean;
  /** Other names for the same, as members of a union. */
  readonly alternatives?: readonly string[];
}

/** An expression for an address: that of an object, or a pointer's value and some more. */
export interface AddressExpression {
  readonly expression: Expression;
  /** The expression is a pointer, and not the object itself. */
  readonly isPointer: boolean;
  /** Bytes from where it points, or the object begins. */
  readonly offset: bigint;
}

const mostAlternatives = 4;
/** Chains of members that nobody would read. */
const longestText = 200;
const farthest = 1n << 40n;

/** What lies at an address; undefined where the type has no member there. */
export function memberAt({ expression, isPointer, offset }: AddressExpression, size: number): Expression | undefined {
  const { tools } = expression;
  if (offset >= farthest || offset <= -farthest) return undefined;
  const object = isPointer ? pointeeOf(expression) : { known: true, type: expression.type };
  if (object === undefined) return undefined;
  const target = tools.search.resolve(tools.types, object.type);
  // What is beyond the object is of another, unless it is one of an array: the type does not say that.
  const paths = memberPaths(tools.types, target, Number(offset), size).filter((path) => isInside(path, expression));
  const [best, ...others] = paths;
  if (best === undefined) return undefined;
  const name = (path: MemberPath): string => joinPath(expression.text, isPointer, path.path);
  const alternatives = [...new Set([...(expression.alternatives ?? []), ...others.filter(isOther).map(name)])];
  const text = name(best);
  if (text.length > longestText) return undefined;
  const isWhole = best.path === '' && !isPointer;
  return {
    text,
    tools,
    type: best.type,
    function: expression.function,
    kind: isWhole ? expression.kind : 'member',
    certain: expression.certain,
    ...(alternatives.length > 0 && { alternatives: alternatives.slice(0, mostAlternatives) }),
  };

  function isOther(path: MemberPath): boolean {
    return path.isAlternative && path.fit === best?.fit;
  }
}

/**
 * The address of the outermost member that begins at an offset, as `&x->wait`; undefined where none does. Offset 0 is
 * the pointer itself.
 */
export function addressOfMember({ expression, isPointer, offset }: AddressExpression): string | undefined {
  const { tools, text } = expression;
  const { types } = tools;
  if (offset === 0n) return isPointer ? text : `&${text}`;
  if (offset < 0n || offset >= farthest) return undefined;
  const object = isPointer ? pointeeOf(expression) : { type: expression.type };
  if (object === undefined) return undefined;
  let at = tools.search.resolve(types, object.type);
  let left = Number(offset);
  let path = '';
  for (let depth = 0; depth < deepestMember; depth++) {
    const members = types.members(at);
    const found =
      members.find((member) => member.offset === left && member.bits === undefined) ??
      members.find((member) => member.offset < left && left < member.offset + (types.sizeOf(member.type) ?? 0));
    if (found === undefined) return undefined;
    if (found.name !== undefined) path = path === '' ? found.name : `${path}.${found.name}`;
    left -= found.offset;
    at = found.type;
    if (left === 0 && found.name !== undefined) return `&${joinPath(text, isPointer, path)}`;
  }
  return undefined;
}

const deepestMember = 16;

/**
 * As `addressOfMember`, but down to a member of a type that is asked for, as of a lock that a structure begins with;
 * undefined where none of that type begins there.
 */
export function addressOfTyped(
  { expression, isPointer, offset }: AddressExpression,
  isIt: (typeName: string) => boolean,
): string | undefined {
  const { tools, text } = expression;
  const { types, search } = tools;
  const object = isPointer ? pointeeOf(expression) : { type: expression.type };
  if (object === undefined || offset < 0n || offset >= farthest) return undefined;
  let at = search.resolve(types, object.type);
  let left = Number(offset);
  let path = '';
  for (let depth = 0; depth < deepestMember; depth++) {
    if (left === 0 && isIt(types.name(at)))
      return path === '' ? (isPointer ? text : `&${text}`) : `&${joinPath(text, isPointer, path)}`;
    const found = types.members(at).find(({ bits, type, ...member }) => {
      const size = types.sizeOf(type) ?? 0;
      return bits === undefined && member.offset <= left && left < member.offset + size;
    });
    if (found === undefined) return undefined;
    if (found.name !== undefined) path = path === '' ? found.name : `${path}.${found.name}`;
    left -= found.offset;
    at = found.type;
  }
  return undefined;
}

function isInside({ beyond }: MemberPath, { tools, type }: Expression): boolean {
  return beyond === undefined || beyond === 0 || tools.types.type(tools.types.plain(type)).kind === 'array';
}

/** What a pointer points to; undefined for what is no pointer. */
function pointeeOf({ tools, type }: Expression): { readonly type: TypeRef } | undefined {
  const plain = tools.types.type(tools.types.plain(type));
  if (plain.kind === 'pointer') return { type: plain.target };
  return undefined;
}

/** Whether an expression is a pointer to something that is known. */
export function isTypedPointer({ tools, type }: Expression): boolean {
  const plain = tools.types.type(tools.types.plain(type));
  return plain.kind === 'pointer' && plain.target !== undefined;
}
