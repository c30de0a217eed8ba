import { describe, expect, test } from 'vitest';
import { stacksOfCpu } from '../../src/kernel/stacks.ts';
import { base, taskStructures } from './made-tasks.ts';
import { StructureKernel } from './structure-kernel.ts';

const cpu = { id: 0, offset: base, isPresent: true, isOnline: true };
const text = (ranges: readonly { name: string; start: bigint; end: bigint }[]): string[] =>
  ranges.map(({ name, start, end }) => `${name} ${start.toString(16)} ${end.toString(16)}`);

describe('the stacks of a CPU', () => {
  test('of x86', async () => {
    const exceptions = 0xffff_fe00_0000_8000n;
    const made = new StructureKernel(taskStructures)
      .symbol('hardirq_stack_ptr', 0x100n)
      .word(base + 0x100n, 0xffff_c900_0000_4ff8n)
      .symbol('cea_exception_stacks', 0x108n)
      .word(base + 0x108n, exceptions)
      .symbol('cpu_tss_rw', 0x200n)
      .put('tss_struct', base + 0x200n, { 'x86_tss.sp0': 0xffff_fe00_0000_3000n });
    // Those of #VC are not mapped.
    for (const end of [0x3000n, 0x6000n, 0x9000n, 0xc000n]) made.word(exceptions + end - 8n, 0n);
    expect(text(await stacksOfCpu(made.kernel, cpu))).toEqual([
      'IRQ ffffc90000001000 ffffc90000005000',
      '#DF fffffe0000009000 fffffe000000b000',
      'NMI fffffe000000c000 fffffe000000e000',
      '#DB fffffe000000f000 fffffe0000011000',
      '#MC fffffe0000012000 fffffe0000014000',
      'ENTRY fffffe0000002000 fffffe0000003000',
    ]);
  });

  test('of x86 from 6.2 to 6.14', async () => {
    const structures = {
      ...taskStructures,
      pcpu_hot: [
        ['current_task', '*'],
        ['hardirq_stack_ptr', '*'],
      ] as const,
    };
    const made = new StructureKernel(structures).symbol('pcpu_hot', 0x100n).symbol('hardirq_stack_ptr', 0x900n);
    made.put('pcpu_hot', base + 0x100n, { hardirq_stack_ptr: 0xffff_c900_0000_5000n });
    expect(text(await stacksOfCpu(made.kernel, cpu))).toEqual(['IRQ ffffc90000001000 ffffc90000005000']);
  });

  test('of arm64', async () => {
    const image = 0xffff_8000_0000_0000n;
    const made = new StructureKernel(taskStructures, 'arm64')
      .symbol('irq_stack_ptr', 0x100n)
      .word(base + 0x100n, image + 0x8000n)
      .symbol('overflow_stack', 0x2010n)
      .symbol('sdei_stack_normal_ptr', 0x108n)
      .word(base + 0x108n, 0n)
      .symbol('__start_init_stack', image)
      .symbol('__end_init_stack', image + 0x1_0000n);
    expect(text(await stacksOfCpu(made.kernel, cpu))).toEqual([
      'IRQ ffff800000008000 ffff800000018000',
      'overflow ffff888000002010 ffff888000003010',
    ]);
  });

  test('are not there where nothing is', async () => {
    expect(await stacksOfCpu(new StructureKernel(taskStructures).kernel, cpu)).toEqual([]);
    expect(await stacksOfCpu(new StructureKernel(taskStructures, 'arm64').kernel, cpu)).toEqual([]);
  });
});
