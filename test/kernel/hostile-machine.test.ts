import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findKernel } from '../../src/kernel/find-kernel.ts';
import { identifyMachine } from '../../src/kernel/identify-machine.ts';
import { AddressSpace } from '../../src/kernel/page-tables/address-space.ts';
import { TableEntries } from '../../src/kernel/page-tables/table-entries.ts';
import { x86Format } from '../../src/kernel/page-tables/x86-format.ts';
import type { RegisterValues } from '../../src/machine/machine.ts';
import { makeKernel } from './made-kernel.ts';
import { MadeMachine } from './made-machine.ts';

const word = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const names = [
  'cr0',
  'cr3',
  'cr4',
  'efer',
  'idt_base',
  'TTBR1_EL1',
  'TCR_EL1',
  'VBAR_EL1',
  'TTBR1_EL2',
  'TCR_EL2',
  'rip',
  'pc',
];
const registers: fc.Arbitrary<RegisterValues> = fc.dictionary(fc.constantFrom(...names), word);
const bytesOfMemory = 0x40_0000;

test.each(['x86_64', 'arm64'] as const)(
  'registers and memory that make no sense: an end, and nothing found (%s)',
  async (architecture) => {
    const kernel = makeKernel({ architecture });
    await fc.assert(
      fc.asyncProperty(
        fc.array(registers, { minLength: 1, maxLength: 4 }),
        fc.array(word, { minLength: 1, maxLength: 32 }),
        fc.boolean(),
        async (cpus, words, canReadPhysical) => {
          // Tables in page 0 and 1 that lead to each other, and anything else.
          const memory = [{ start: 0n, end: BigInt(bytesOfMemory) }];
          const low = cpus.map((values) => ({ ...values, cr3: (values.cr3 ?? 0n) & 0x1000n }));
          const machine = new MadeMachine({ architecture, registers: low, memory, canReadPhysical });
          machine.ensure(0n, bytesOfMemory);
          for (let at = 0n; at < 0x2000n; at += 8n) machine.put64(at, words[Number(at / 8n) % words.length] ?? 0n);
          machine.put(0x10_0000n, 'Linux version 6.1').put(0x20_0ffan, 'Linux version 6.1 #');
          machine.virtual = new AddressSpace(0n, x86Format(4), new TableEntries(machine));
          const found = await findKernel(machine, kernel.image);
          expect(found.kind).toBe('not-found');
          if (found.kind === 'not-found') expect(found.reasons.length).toBeGreaterThan(0);
          expect(machine.reads).toBeLessThan(10_000);
          expect(await identifyMachine(machine)).toBeUndefined();
        },
      ),
      { numRuns: 25 },
    );
  },
);
