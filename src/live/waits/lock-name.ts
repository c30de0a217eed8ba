import { addressOfMember, type Expression } from '../../code/names-expression.ts';
import { globalType } from '../../code/names-globals.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { ThreadVariables } from '../variables.ts';

/** Objects are not larger. */
const largestObject = 1n << 20n;

/**
 * What the source calls a lock: a variable of its own (`ktlab_port.lock`), else by a pointer of a function that uses it
 * (`port->lock`). Undefined where neither is known.
 */
export function lockName(
  kernel: Kernel,
  lock: bigint,
  uses: readonly { readonly nth: number; readonly variables: ThreadVariables }[],
): string | undefined {
  return nameOfGlobal(kernel, lock, uses) ?? nameByPointer(lock, uses);
}

function nameOfGlobal(
  kernel: Kernel,
  lock: bigint,
  uses: readonly { readonly nth: number; readonly variables: ThreadVariables }[],
): string | undefined {
  const symbol = kernel.symbols.at(lock);
  if (symbol === undefined || symbol.offset >= symbol.size) return undefined;
  for (const { nth, variables } of uses) {
    for (const { scope } of variables.scopes(nth)) {
      const found = globalType(scope.entry.unit, scope.tools, symbol.name, 'variable');
      if (found === undefined) continue;
      const expression: Expression = {
        text: symbol.name,
        tools: scope.tools,
        type: found.type,
        function: scope.name ?? '',
        kind: 'local',
        certain: true,
      };
      const name = addressOfMember({ expression, isPointer: false, offset: BigInt(symbol.offset) });
      if (name !== undefined) return name.replace(/^&/, '');
    }
  }
  return symbol.offset === 0 ? symbol.name : `${symbol.name}+0x${symbol.offset.toString(16)}`;
}

function nameByPointer(
  lock: bigint,
  uses: readonly { readonly nth: number; readonly variables: ThreadVariables }[],
): string | undefined {
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
        const name = addressOfMember({ expression, isPointer: true, offset: lock - value.value });
        if (name !== undefined) return name.replace(/^&/, '');
      }
    }
  }
  return undefined;
}
