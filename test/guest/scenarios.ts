/** What is true of a scenario of test/guest, and what `ktriage live` is to say of it. */
export interface ScenarioTruth {
  /** The verdict's rule. */
  readonly rule: string;
  readonly outcome: 'broken' | 'healthy';
  /** Where it hangs: a function of kthang, and text of the line. */
  readonly function?: string;
  readonly line?: string;
  /** Words that its sentence must have: who and what is involved. */
  readonly words: readonly string[];
  /** User space lives on. */
  readonly isAlive: boolean;
  /** Page faults on stacks, and how many of them are fatal. */
  readonly faults?: { readonly all: number; readonly fatal: number };
}

const silentIrq = {
  rule: 'lock-cycle',
  outcome: 'broken',
  function: 'paper_left',
  line: 'return paper->millimetres - READ_ONCE(paper->printed);',
  words: ['deadlocked on itself', 'printer.lock', 'printer_write', 'printer_poll', 'NULL'],
  isAlive: false,
} as const;

/** By the name that test/guest/boot takes. */
export const scenarioTruths: Readonly<Record<string, ScenarioTruth>> = {
  'silent-irq': { ...silentIrq, faults: { all: 1, fatal: 1 } },
  'silent-mixed': { ...silentIrq, faults: { all: 3, fatal: 1 } },
  'self-lock': {
    rule: 'lock-cycle',
    outcome: 'broken',
    // Where it is taken a second time.
    function: 'account_add',
    line: 'spin_lock_irqsave(&account->lock, flags);',
    words: ['deadlocked on itself', 'savings.lock', 'account_add', 'add_interest'],
    isAlive: false,
    faults: { all: 0, fatal: 0 },
  },
  'spin-pair': {
    rule: 'lock-cycle',
    outcome: 'broken',
    function: 'move_cents',
    line: 'spin_lock(&to->lock);',
    words: ['checking.lock', 'savings.lock', 'CPU 0', 'CPU 1'],
    isAlive: false,
    faults: { all: 0, fatal: 0 },
  },
  'mutex-pair': {
    rule: 'lock-cycle',
    outcome: 'broken',
    words: ['kthang-deposit', 'kthang-withdr', 'checking.mutex', 'savings.mutex'],
    isAlive: true,
    faults: { all: 0, fatal: 0 },
  },
  'mutex-asleep': {
    rule: 'blocked',
    outcome: 'broken',
    function: 'hold_checking',
    line: 'wait_for_completion_interruptible(&closing_time);',
    words: ['kthang-waiter', 'kthang-holder', 'checking.mutex'],
    isAlive: true,
    faults: { all: 0, fatal: 0 },
  },
  'mutex-dead': {
    rule: 'dead-holder',
    outcome: 'broken',
    function: 'wait_for_checking',
    line: 'mutex_lock(&checking.mutex);',
    words: ['kthang-waiter', 'checking.mutex'],
    isAlive: true,
    faults: { all: 0, fatal: 0 },
  },
  'semaphore-asleep': {
    rule: 'blocked',
    outcome: 'broken',
    function: 'write_ledger',
    line: 'wait_for_completion_interruptible(&closing_time);',
    words: ['kthang-reader', 'kthang-writer', 'ledger'],
    isAlive: true,
    faults: { all: 0, fatal: 0 },
  },
  'no-completion': {
    rule: 'stuck-tasks',
    outcome: 'broken',
    function: 'wait_for_closing',
    line: 'wait_for_completion(&closing_time);',
    words: ['kthang-closing', 'closing_time'],
    isAlive: true,
    faults: { all: 0, fatal: 0 },
  },
  'irq-off': {
    rule: 'busy-cpu',
    outcome: 'broken',
    function: 'count_with_irqs_off',
    line: 'WRITE_ONCE(checking.cents, checking.cents + 1);',
    words: ['CPU 1', 'kthang-counter', 'interrupts off'],
    isAlive: false,
    faults: { all: 0, fatal: 0 },
  },
  'rcu-reader': {
    rule: 'busy-cpu',
    outcome: 'broken',
    function: 'count_as_reader',
    line: 'WRITE_ONCE(checking.cents, checking.cents + 1);',
    words: ['CPU 1', 'kthang-counter', 'RCU'],
    isAlive: false,
    faults: { all: 0, fatal: 0 },
  },
  'slow-fault': {
    rule: 'slow-fault',
    outcome: 'broken',
    function: 'kthang_slow_fault',
    line: 'wait_for_completion(&closing_time);',
    words: ['devmem', 'sh', 'wait for a page'],
    isAlive: true,
    faults: { all: 2, fatal: 0 },
  },
  idle: {
    rule: 'nothing-wrong',
    outcome: 'healthy',
    // A CPU may be caught in the kernel for a moment: "does not hang", or "nothing wrong was found".
    words: ['CPU'],
    isAlive: true,
    faults: { all: 0, fatal: 0 },
  },
};
