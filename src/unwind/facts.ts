import type { Kernel } from '../kernel/kernel.ts';
import { memberPlace } from '../kernel/view.ts';
import { versionNumber } from './orc-format.ts';

/** What unwinding needs to know of a kernel, looked up once. */
export interface KernelFacts {
  /** Bytes of `struct pt_regs`, and of `struct inactive_task_frame` of x86; undefined where types do not tell. */
  readonly ptRegs: number | undefined;
  readonly inactiveFrame: number | undefined;
  /** Where code of new tasks begins, which nothing called. */
  readonly firstCode: ReadonlySet<bigint>;
  /** Init code, from its start to its end; it may be freed. */
  readonly initCode: readonly [start: bigint, end: bigint];
  /** Of arm64, from the start of a `pt_regs` to its frame record, and whether that is a `frame_record_meta` (6.14). */
  readonly record: bigint | undefined;
  readonly hasMeta: boolean;
  /** Before 5.12 the offset of ORC's SP_INDIRECT said where to look, and was not added to what is there (aafeb14e9da2). */
  readonly isOldIndirect: boolean;
}

const firstCode = ['ret_from_fork', 'ret_from_fork_asm'];

const known = new WeakMap<Kernel, KernelFacts>();

/** The facts of a kernel, remembered. */
export function kernelFacts(kernel: Kernel): KernelFacts {
  let facts = known.get(kernel);
  if (facts === undefined) {
    facts = lookUp(kernel);
    known.set(kernel, facts);
  }
  return facts;
}

function lookUp(kernel: Kernel): KernelFacts {
  const { symbols, types, identity } = kernel;
  const names = kernel.architecture === 'arm64' ? firstCode.slice(0, 1) : firstCode;
  return {
    ptRegs: types.sizeof('struct pt_regs'),
    inactiveFrame: types.sizeof('struct inactive_task_frame'),
    firstCode: new Set(names.flatMap((name) => symbols.address(name) ?? [])),
    initCode: [symbols.address('_sinittext') ?? 0n, symbols.address('_einittext') ?? 0n],
    record: ptRegsOffset(kernel, 'stackframe'),
    hasMeta: types.member('pt_regs', 'stackframe.type') !== undefined,
    isOldIndirect: (versionNumber(identity.release) ?? 512) < 512,
  };
}

/** Bytes from the start of `struct pt_regs` to a member; undefined if it has none of the name. */
export function ptRegsOffset({ types }: Kernel, member: string): bigint | undefined {
  const offset = memberPlace(types, 'pt_regs', member)?.offset;
  return offset === undefined ? undefined : BigInt(offset);
}
