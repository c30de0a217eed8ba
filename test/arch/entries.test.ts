import { describe, expect, test } from 'vitest';
import { arm64EntryKind, isArm64Entry, syndromeKind } from '../../src/arch/arm64-entries.ts';
import { fredEntryKind, x86EntryKind } from '../../src/arch/x86-entries.ts';

describe('what the kernel was entered by', () => {
  test.each([
    ['asm_exc_page_fault', 'page-fault'],
    ['page_fault', 'page-fault'],
    ['async_page_fault', 'page-fault'],
    ['asm_exc_general_protection', 'general-protection'],
    ['asm_exc_nmi', 'nmi'],
    ['end_repeat_nmi', 'nmi'],
    ['asm_xenpv_exc_debug', 'debug'],
    ['asm_sysvec_apic_timer_interrupt', 'interrupt'],
    ['apic_timer_interrupt', 'interrupt'],
    ['common_interrupt', 'interrupt'],
    ['entry_SYSCALL_64_after_hwframe', 'system-call'],
    ['asm_exc_bounds', 'other'],
    ['error_entry', undefined],
    ['constructor', undefined],
    ['schedule', undefined],
  ])('x86: %s is %s', (name, kind) => expect(x86EntryKind(name)).toBe(kind));

  test.each([
    ['el1h_64_sync', ['el1h_64_sync_handler', 'el1_abort', 'do_mem_abort'], 'page-fault'],
    ['el1h_64_sync', ['el1h_64_sync_handler'], 'synchronous'],
    ['el1h_64_sync', ['el1h_64_sync_handler', 'el1_undef'], 'invalid-opcode'],
    ['el0t_64_sync', ['el0t_64_sync_handler', 'el0_svc'], 'system-call'],
    ['el0_sync', ['el0_svc_common.constprop.0'], 'system-call'],
    ['el1h_64_irq', [], 'interrupt'],
    ['el1_irq', [], 'interrupt'],
    ['el0t_64_fiq', [], 'interrupt'],
    ['el1h_64_error', [], 'serror'],
    ['el1_da', [], 'page-fault'],
    ['__bad_stack', [], 'synchronous'],
  ])('arm64: %s that called %j is %s', (name, called, kind) => {
    expect(isArm64Entry(name)).toBe(true);
    expect(arm64EntryKind(name, called)).toBe(kind);
  });

  test('arm64: code with frames of its own is none', () => {
    for (const name of ['el1_abort', 'el1h_64_sync_handler', 'do_mem_abort', 'el0_svc_common'])
      expect(isArm64Entry(name)).toBe(false);
  });

  test('a syndrome and an event of FRED tell it as well', () => {
    expect(syndromeKind(0x9600_0006n)).toBe('page-fault');
    expect(syndromeKind(0x5600_0000n)).toBe('system-call');
    expect(syndromeKind(0xf200_0800n)).toBe('breakpoint');
    expect(fredEntryKind(3, 14)).toBe('page-fault');
    expect(fredEntryKind(0, 236)).toBe('interrupt');
    expect(fredEntryKind(7, 1)).toBe('system-call');
    expect(fredEntryKind(2, 2)).toBe('nmi');
  });
});
