import { addressOfMember, type Expression } from '../../code/names-expression.ts';
import { globalType } from '../../code/names-globals.ts';
import { joinPath } from '../../dwarf/type-path.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { ThreadVariables } from '../variables.ts';

/** Objects are not larger. */
const largestObject = 1n << 20n;

/** A lock as the source has it. */
export interface LockName {
  readonly text: string;
  /** `raw_spinlock_t`; missing where it is not known to be of a lock's type. */
  readonly type?: string;
}

/**
 * What the source calls a lock: a variable of its own (`ktlab_port.lock`), else by a pointer of a function that uses it
 * (`port->lock`). Undefined where neither is known.
 */
export function lockName(
  kernel: Kernel,
  lock: bigint,
  uses: readonly { readonly nth: number; readonly variables: ThreadVariables }[],
): LockName | undefined {
  return nameOfGlobal(kernel, lock, uses) ?? nameByPointer(lock, uses);
}

/** Types of locks, as variables and members have them (include/linux/{spinlock_types,mutex,rwsem,semaphore}.h). */
const lockTypes =
  /^(?:(?:raw_)?spinlock_t|rwlock_t|arch_spinlock_t|struct (?:(?:raw_)?spinlock|qspinlock|mutex|ww_mutex|rw_semaphore|percpu_rw_semaphore|semaphore|rt_mutex(?:_base)?|completion|swait_queue_head|wait_queue_head)|wait_queue_head_t|local_lock_t|seqlock_t)$/;
const deepest = 12;

/** The member of a lock's type that is at an offset: `ktlab_port.lock`; the object itself if it is a lock. */
function lockAt(expression: Expression, isPointer: boolean, offset: number): LockName | undefined {
  const { types, search } = expression.tools;
  const pointed = types.type(types.plain(expression.type));
  if (isPointer && pointed.kind !== 'pointer') return undefined;
  let at = search.resolve(types, isPointer && pointed.kind === 'pointer' ? pointed.target : expression.type);
  let left = offset;
  let path = '';
  for (let depth = 0; depth < deepest; depth++) {
    const type = types.name(at);
    if (left === 0 && lockTypes.test(type)) return { text: textOf(expression, isPointer, path), type };
    const found = types
      .members(at)
      .find((member) => member.offset <= left && left < member.offset + Math.max(types.sizeOf(member.type) ?? 0, 1));
    if (found === undefined) break;
    if (found.name !== undefined) path = path === '' ? found.name : `${path}.${found.name}`;
    left -= found.offset;
    at = found.type;
  }
  const text = addressOfMember({ expression, isPointer, offset: BigInt(offset) })?.replace(/^&/, '');
  return text === undefined ? undefined : { text };
}

function textOf({ text }: Expression, isPointer: boolean, path: string): string {
  if (path !== '') return joinPath(text, isPointer, path);
  return isPointer ? `*${text}` : text;
}

function nameOfGlobal(
  kernel: Kernel,
  lock: bigint,
  uses: readonly { readonly nth: number; readonly variables: ThreadVariables }[],
): LockName | undefined {
  const symbol = kernel.symbols.at(lock);
  if (symbol === undefined || symbol.offset >= symbol.size) return undefined;
  for (const { nth, variables } of uses) {
    const at = variables.unit(nth);
    const found = at && globalType(at.unit, at.tools, symbol.name, 'variable');
    if (at === undefined || found === undefined) continue;
    const { tools } = at;
    const expression: Expression = {
      ...{ text: symbol.name, tools, type: found.type },
      ...{ function: '', kind: 'local', certain: true },
    };
    const name = lockAt(expression, false, symbol.offset);
    if (name !== undefined) return name;
  }
  return { text: symbol.offset === 0 ? symbol.name : `${symbol.name}+0x${symbol.offset.toString(16)}` };
}

function nameByPointer(
  lock: bigint,
  uses: readonly { readonly nth: number; readonly variables: ThreadVariables }[],
): LockName | undefined {
  for (const { nth, variables } of uses) {
    for (const { scope, variables: values } of variables.scopes(nth)) {
      for (const { variable, value } of values) {
        if (value.kind !== 'known' || value.value > lock || lock - value.value >= largestObject) continue;
        const expression: Expression = {
          text: variable.name,
          tools: scope.tools,
          type: variable.type,
          function: scope.name ?? '',
          kind: variable.kind,
          certain: true,
        };
        const name = lockAt(expression, true, Number(lock - value.value));
        if (name !== undefined) return name;
      }
    }
  }
  return undefined;
}
