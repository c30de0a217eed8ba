import { Btf } from '../../src/btf/btf.ts';
import { KtriageError } from '../../src/util/errors.ts';
import { type BtfOptions, btf, type WrittenType, writeBtf } from '../helpers/btf-writer.ts';

/** A small kernel; numbers of the types are their places. */
export const kernelTypes: readonly WrittenType[] = [
  btf.int('int', 4, 1), // 1
  btf.int('long unsigned int', 8), // 2
  btf.int('char', 1, 1), // 3
  btf.array(3, 16), // 4: char[16]
  btf.struct('list_head', 16, [
    ['next', 6, 0],
    ['prev', 6, 64],
  ]), // 5
  btf.pointer(5), // 6
  btf.typedef('pid_t', 1), // 7
  btf.struct('', 8, [
    ['rcu_users', 1, 0],
    ['flags', 1, 32],
  ]), // 8
  btf.union('', 8, [
    ['', 8, 0],
    ['word', 2, 0],
  ]), // 9
  btf.struct('task_struct', 88, [
    ['state', 1, 0],
    ['', 9, 64],
    ['tasks', 5, 128],
    ['pid', 7, 256],
    ['comm', 4, 288],
    ['se', 12, 448],
    ['on_cpu', 1, 576, 1],
    ['prio', 1, 577, 7],
    ['slots', 14, 608],
    ['stack', 16, 640],
  ]), // 10
  btf.const(3), // 11: const char
  btf.struct('sched_entity', 16, [
    ['vruntime', 2, 0],
    ['weight', 2, 64],
  ]), // 12
  btf.struct('slot', 2, [
    ['kind', 3, 0],
    ['value', 3, 8],
  ]), // 13
  btf.array(13, 2), // 14
  btf.pointer(11), // 15: const char *
  btf.pointer(0), // 16: void *
  btf.pointer(10), // 17: struct task_struct *
  btf.prototype(1, [
    ['p', 17],
    ['name', 15],
    ['', 0],
  ]), // 18
  btf.function('wake_up', 18, 1), // 19
  btf.enum(
    'state',
    [
      ['RUNNING', 0],
      ['DEAD', -1],
    ],
    true,
  ), // 20
  btf.enum64('feature', [['HIGH', 0x8000_0000_0000_0001n]]), // 21
  btf.forward('mystery'), // 22
  btf.variable('current_task', 17), // 23
  btf.section('.data..percpu', 64, [[23, 32, 8]]), // 24
  btf.float('double', 8), // 25
  btf.typeTag('user', 3), // 26
  btf.pointer(26), // 27: char __user *
  btf.declarationTag('kfunc', 19), // 28
  btf.volatile(2), // 29
  btf.restrict(15), // 30
  btf.struct('list_head', 4, [['head', 1, 0]]), // 31: of another file
  btf.array(2, 0), // 32
  btf.struct('bitmap', 8, [
    ['count', 1, 0],
    ['words', 32, 64],
  ]), // 33
  btf.enum('flags', [['TOP', -0x8000_0000]]), // 34
];

export function open(types: readonly WrittenType[], options?: BtfOptions, kernel?: Btf): Btf {
  return Btf.open({ name: 'made', bytes: writeBtf(types, options) }, kernel);
}

/** What a call fails with: code and text. */
export function failure(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof KtriageError) return `${error.code}: ${error.message}: ${error.why}`;
    throw error;
  }
  return 'no failure';
}
