import type { Rule } from './rule.ts';
import type { RuleName } from './rule-names.ts';
import { alignment } from './rules/alignment.ts';
import { allocationFailure } from './rules/allocation-failure.ts';
import { badAccess } from './rules/bad-access.ts';
import { badPage } from './rules/bad-page.ts';
import { bitFlip } from './rules/bit-flip.ts';
import { brokenBefore } from './rules/broken-before.ts';
import { bugCheck } from './rules/bug-check.ts';
import { busError } from './rules/bus-error.ts';
import { cfi } from './rules/cfi.ts';
import { controlFlow } from './rules/control-flow.ts';
import { dataRace } from './rules/data-race.ts';
import { deadlock } from './rules/deadlock.ts';
import { debugObject } from './rules/debug-object.ts';
import { deletedListEntry } from './rules/deleted-list-entry.ts';
import { deviceReference } from './rules/device-reference.ts';
import { divideByZero } from './rules/divide-by-zero.ts';
import { doubleFree } from './rules/double-free.ts';
import { errorPointer } from './rules/error-pointer.ts';
import { executeData } from './rules/execute-data.ts';
import { externalAbort } from './rules/external-abort.ts';
import { freedInit } from './rules/freed-init.ts';
import { generalProtection } from './rules/general-protection.ts';
import { hardLockup } from './rules/hard-lockup.ts';
import { hardwareTaint } from './rules/hardware-taint.ts';
import { hungTask } from './rules/hung-task.ts';
import { inInterrupt } from './rules/in-interrupt.ts';
import { initDied } from './rules/init-died.ts';
import { invalidFree } from './rules/invalid-free.ts';
import { listCorruption } from './rules/list-corruption.ts';
import { lockDamaged } from './rules/lock-damaged.ts';
import { lockMisuse } from './rules/lock-misuse.ts';
import { lockOrder } from './rules/lock-order.ts';
import { machineCheck } from './rules/machine-check.ts';
import { memoryCounter } from './rules/memory-counter.ts';
import { memoryLeak } from './rules/memory-leak.ts';
import { memoryTag } from './rules/memory-tag.ts';
import { moduleTaint } from './rules/module-taint.ts';
import { noInit } from './rules/no-init.ts';
import { noRoot } from './rules/no-root.ts';
import { nullCall } from './rules/null-call.ts';
import { nullMember } from './rules/null-member.ts';
import { outOfBounds } from './rules/out-of-bounds.ts';
import { outOfMemory } from './rules/out-of-memory.ts';
import { panic } from './rules/panic.ts';
import { rcuStall } from './rules/rcu-stall.ts';
import { rcuUsage } from './rules/rcu-usage.ts';
import { readOnlyWrite } from './rules/read-only-write.ts';
import { refcount } from './rules/refcount.ts';
import { requestedCrash } from './rules/requested-crash.ts';
import { silentCpu } from './rules/silent-cpu.ts';
import { slabCorruption } from './rules/slab-corruption.ts';
import { sleepInAtomic } from './rules/sleep-in-atomic.ts';
import { softLockup } from './rules/soft-lockup.ts';
import { stackOverflow } from './rules/stack-overflow.ts';
import { stackSmash } from './rules/stack-smash.ts';
import { textInPointer } from './rules/text-in-pointer.ts';
import { undefinedBehavior } from './rules/undefined-behavior.ts';
import { undefinedInstruction } from './rules/undefined-instruction.ts';
import { unhandledInterrupt } from './rules/unhandled-interrupt.ts';
import { uninitialized } from './rules/uninitialized.ts';
import { unmapped } from './rules/unmapped.ts';
import { useAfterFree } from './rules/use-after-free.ts';
import { useAfterScope } from './rules/use-after-scope.ts';
import { userAccess } from './rules/user-access.ts';
import { userExecute } from './rules/user-execute.ts';
import { usercopy } from './rules/usercopy.ts';
import { warningCheck } from './rules/warning-check.ts';
import { wildJump } from './rules/wild-jump.ts';
import { wildPointer } from './rules/wild-pointer.ts';
import { workqueueStall } from './rules/workqueue-stall.ts';

/** Every rule by its name; the order in which they lead is that of `ruleNames`. */
export const rules: Readonly<Record<RuleName, Rule>> = {
  'requested-crash': requestedCrash,
  'machine-check': machineCheck,
  'bus-error': busError,
  deadlock: deadlock,
  'error-pointer': errorPointer,
  'null-call': nullCall,
  'null-member': nullMember,
  'use-after-free': useAfterFree,
  'double-free': doubleFree,
  'invalid-free': invalidFree,
  'use-after-scope': useAfterScope,
  'out-of-bounds': outOfBounds,
  uninitialized: uninitialized,
  'deleted-list-entry': deletedListEntry,
  'list-corruption': listCorruption,
  refcount: refcount,
  'text-in-pointer': textInPointer,
  'stack-overflow': stackOverflow,
  'stack-smash': stackSmash,
  'freed-init': freedInit,
  'user-execute': userExecute,
  'execute-data': executeData,
  'user-access': userAccess,
  'read-only-write': readOnlyWrite,
  'bit-flip': bitFlip,
  'divide-by-zero': divideByZero,
  alignment: alignment,
  'external-abort': externalAbort,
  usercopy: usercopy,
  cfi: cfi,
  'data-race': dataRace,
  'lock-order': lockOrder,
  'lock-misuse': lockMisuse,
  'rcu-usage': rcuUsage,
  'sleep-in-atomic': sleepInAtomic,
  'hard-lockup': hardLockup,
  'soft-lockup': softLockup,
  'silent-cpu': silentCpu,
  'rcu-stall': rcuStall,
  'workqueue-stall': workqueueStall,
  'out-of-memory': outOfMemory,
  'allocation-failure': allocationFailure,
  'bad-page': badPage,
  'memory-counter': memoryCounter,
  'memory-leak': memoryLeak,
  'debug-object': debugObject,
  'device-reference': deviceReference,
  'unhandled-interrupt': unhandledInterrupt,
  'init-died': initDied,
  'no-init': noInit,
  'no-root': noRoot,
  'bad-access': badAccess,
  'memory-tag': memoryTag,
  'wild-pointer': wildPointer,
  'wild-jump': wildJump,
  unmapped: unmapped,
  'general-protection': generalProtection,
  'control-flow': controlFlow,
  'undefined-instruction': undefinedInstruction,
  'undefined-behavior': undefinedBehavior,
  'slab-corruption': slabCorruption,
  'lock-damaged': lockDamaged,
  'hung-task': hungTask,
  'bug-check': bugCheck,
  'warning-check': warningCheck,
  panic: panic,
  'in-interrupt': inInterrupt,
  'broken-before': brokenBefore,
  'module-taint': moduleTaint,
  'hardware-taint': hardwareTaint,
};
