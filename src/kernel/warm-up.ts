import type { Btf } from '../btf/btf.ts';
import type { Image } from '../symbols/image.ts';
import { SymbolNames } from './symbol-names.ts';
import { taskSpan } from './task.ts';

/** Symbols that are asked for, some of which a kernel does not have. */
export const symbolNames: readonly string[] = [
  ...['init_task', 'modules', 'runqueues', 'nr_cpu_ids', '__per_cpu_offset', '__per_cpu_start', 'current_task'],
  ...['__cpu_possible_mask', '__cpu_present_mask', '__cpu_online_mask', 'pcpu_hot', '__entry_task'],
  ...['hardirq_stack_ptr', 'cea_exception_stacks', 'cpu_tss_rw', 'irq_stack_ptr', 'overflow_stack'],
  ...['sdei_stack_normal_ptr', 'sdei_stack_critical_ptr', 'efi_rt_stack_top'],
  ...['__start_init_stack', '__end_init_stack', '__start_init_task', '__end_init_task'],
  ...['prb', 'print_caller', 'console_list', 'console_drivers', 'console_seq'],
];

/** Structures that are read. */
const structures = [
  ...[
    'rq',
    'module',
    'module_sect_attrs',
    'module_sect_attr',
    'bin_attribute',
    'console',
    'signal_struct',
    'vm_struct',
  ],
  ...['printk_ringbuffer', 'prb_desc', 'printk_info', 'pt_regs', 'inactive_task_frame', 'cea_exception_stacks'],
  ...['tss_struct', 'pcpu_hot', 'mm_struct'],
] as const;

/**
 * Looks up the symbols and layouts that reading a kernel's structures takes, so that none of it needs time while a guest
 * stands still: some 100 ms where nothing is known yet.
 * @throws KtriageError KT-ELF-* of a damaged file
 */
export function warmUp(vmlinux: Image, types?: Btf): void {
  SymbolNames.of(vmlinux).prepare(symbolNames);
  if (types === undefined) return;
  taskSpan(types);
  for (const name of structures) types.struct(name);
}
