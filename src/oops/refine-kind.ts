/** A kind of which the headline tells only half, what else must be said, and the kind that it is then. */
interface Refinement {
  readonly from: string;
  readonly says: RegExp;
  readonly to: string;
}

const refinements: readonly Refinement[] = [
  // arch/x86/mm/fault.c: show_fault_oops(); the line stands before the headline.
  { from: 'oops/page-fault', says: /kernel tried to execute NX-protected page/, to: 'oops/nx-exec' },
  { from: 'oops/page-fault', says: /unable to execute userspace code/, to: 'oops/nx-exec' },
  // A permission fault at an address of the lower half is SMAP's or SMEP's doing.
  {
    from: 'oops/page-fault',
    says: /page fault for address: 0{0,8}[0-7]?[0-9a-f]{0,11}\n[\s\S]{0,300}permissions violation/,
    to: 'oops/user-access',
  },
  {
    from: 'oops/page-fault',
    says: /#PF: supervisor write access in kernel mode\n[\s\S]{0,100}permissions violation/,
    to: 'oops/read-only-write',
  },
  {
    from: 'oops/other',
    says: /Unable to handle kernel (?:access to|execution of) user memory/,
    to: 'oops/user-access',
  },
  { from: 'oops/other', says: /Unable to handle kernel read from unreadable memory/, to: 'oops/page-fault' },
  // arch/x86/kernel/cfi.c, since 6.2: the line stands before the invalid opcode that makes the trap.
  { from: 'oops/invalid-opcode', says: /^CFI failure at /m, to: 'oops/cfi' },
  // check_bytes_and_report() in mm/slub.c, as of 6.15: what was overwritten stands before "Object corrupt".
  { from: 'slab/corruption', says: /^\[Poison overwritten\] 0x/m, to: 'slab/poison-overwritten' },
  { from: 'slab/corruption', says: /^\[[\w ]{0,24}Redzone overwritten\] 0x/m, to: 'slab/redzone-overwritten' },
  { from: 'slab/corruption', says: /^\[[\w ]{0,24}padding overwritten\] 0x/m, to: 'slab/padding-overwritten' },
  // kernel_gp_hint_help[] in arch/x86/kernel/traps.c, as of 6.19 with LASS, which keeps the kernel off user addresses
  {
    from: 'oops/general-protection',
    says: /general protection fault, kernel NULL pointer dereference 0x/,
    to: 'oops/null-deref',
  },
  {
    from: 'oops/general-protection',
    says: /general protection fault, probably LASS violation/,
    to: 'oops/user-access',
  },
  // arch/x86/kernel/cet.c: the line stands before the BUG() that stops it.
  { from: 'bug/kernel-bug', says: /^(?:traps: )?Missing ENDBR: /m, to: 'oops/control-protection' },
  // print_lock_contention_bug() in kernel/locking/lockdep.c; DEBUG_LOCKS_WARN_ON() of the mutexes
  { from: 'warning/generic', says: /^WARNING: bad contention detected!/m, to: 'lockdep/bad-contention' },
  {
    from: 'warning/generic',
    says: /^WARNING:[^\n]{0,80}\bkernel\/locking\/mutex(?:-debug)?\.[ch]:/m,
    to: 'locking/mutex',
  },
  {
    from: 'warning/generic',
    says: /^WARNING:[^\n]{0,80}\bkernel\/locking\/rtmutex\w{0,12}\.[ch]:/m,
    to: 'locking/rt-mutex',
  },
  // lib/list_debug.c and lib/string_helpers.c warn unless they are configured to stop.
  { from: 'warning/generic', says: /^WARNING:[^\n]{0,80}\blib\/list_debug\.c:/m, to: 'warning/list-corruption' },
  { from: 'warning/generic', says: /^WARNING:[^\n]{0,160}\b__fortify_report\b/m, to: 'warning/fortify' },
  {
    from: 'warning/generic',
    says: /^\w{1,24}: detected (?:field-spanning write|buffer overflow)/m,
    to: 'warning/fortify',
  },
  // kernel/fork.c, check_mm(): nr_ptes and nr_pmds are pgtables_bytes since 4.15.
  { from: 'other/bug', says: /^BUG: non-zero \w{1,24} on freeing mm: /m, to: 'memory/page-tables-leaked' },
  // print_lockdep_off() in kernel/locking/lockdep.c
  { from: 'other/bug', says: /^BUG: MAX_\w{1,40} too low!/m, to: 'lockdep/limit' },
  { from: 'locking/spinlock', says: /BUG: spinlock lockup suspected/, to: 'hang/spinlock-lockup' },
  // check_bytes_and_report() in mm/slub.c since 6.15 tells what it was behind `Object corrupt`.
  { from: 'slab/corruption', says: /^\[[\w ]{0,24}Redzone overwritten\]/m, to: 'slab/redzone-overwritten' },
  { from: 'slab/corruption', says: /^\[[\w ]{0,24}Poison overwritten\]/m, to: 'slab/poison-overwritten' },
  { from: 'slab/corruption', says: /^\[[\w ]{0,24}padding overwritten\]/m, to: 'slab/padding-overwritten' },
  { from: 'oops/page-fault', says: /FSC = 0x11: synchronous tag check fault/, to: 'oops/tag-check' },
];

/**
 * The kind with the report's further words taken into account.
 * @param texts the report's texts; what stands just before the headline may be among them
 */
export function refineKind(kind: string, texts: readonly string[]): string {
  const candidates = refinements.filter((r) => r.from === kind);
  if (candidates.length === 0) return kind;
  const text = texts.slice(0, 40).join('\n');
  return candidates.find((r) => r.says.test(text))?.to ?? kind;
}
