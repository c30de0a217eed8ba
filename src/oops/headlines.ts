/**
 * What a report begins with: the texts of `specs/titles.md` section 2 and the harmless lines that hold them too.
 * The order decides which header a line with several of them belongs to.
 */
export interface Headline {
  readonly header: string;
  /** Texts that make a line a headline. */
  readonly texts: readonly string[];
  /** Lines that hold one of the texts and are no headline all the same. */
  readonly noise: readonly RegExp[];
}

export const headlines: readonly Headline[] = [
  {
    header: 'BUG:',
    texts: ['BUG:'],
    noise: [
      /DEBUG:/, // ODEBUG notices, Android's boot animation and ART
      /xlog_status:/, // Qualcomm's display driver lists its log's settings
      /no syscalls can create resource/, // the fuzzer's
    ],
  },
  {
    header: 'WARNING:',
    texts: ['WARNING:'],
    noise: [
      /\/etc\/ssh\/moduli does not exist/,
      /workqueue cpumask: online intersect/,
      /WARNING: the mand mount option/,
      /unsupported DT_FLAGS_1/i,
      /Unprivileged eBPF is enabled with eIBRS/,
      /fbcon: Driver .{0,80} missed to adjust virtual screen size/,
      /See https?.* for mitigation options/,
      /kernel not compiled with CPU_SRSO/,
      /EXT4-fs(?: \([^)]*\))?:/,
      /warning: .{1,80} uses deprecated v2 capabilities/i,
      /warning: .{1,80} uses wireless extensions/i,
      /XFS \([^)]*\): WARNING/,
    ],
  },
  {
    header: 'INFO:',
    texts: ['INFO:'],
    noise: [
      /lockdep is turned off/,
      /Stall ended before state dump start/,
      /NMI handler/,
      /recovery required on readonly filesystem/,
      /(?:handler|interrupt) .{0,60}took too long/,
      /_INFO:/,
      /rmt_storage:INFO:/,
      /INFO: (?:failed to read|no) .{0,40}kallsyms/i,
      /INFO: no .{0,60}resource/i,
    ],
  },
  { header: 'Unable to handle kernel', texts: ['Unable to handle kernel'], noise: [] },
  {
    header: 'general protection fault',
    texts: ['general protection fault'],
    noise: [/general protection fault.* error:\w+ in /],
  },
  { header: 'stack segment: ', texts: ['stack segment: '], noise: [] },
  { header: 'Kernel panic', texts: ['Kernel panic'], noise: [] },
  { header: 'PANIC: double fault', texts: ['PANIC: double fault'], noise: [] },
  { header: 'rust_kernel: panicked', texts: ['rust_kernel: panicked'], noise: [] },
  { header: 'kernel BUG', texts: ['kernel BUG'], noise: [] },
  { header: 'Kernel BUG', texts: ['Kernel BUG'], noise: [] },
  { header: 'BUG kmalloc-', texts: ['BUG kmalloc-'], noise: [] },
  { header: 'divide error:', texts: ['divide error:', 'divide_error:'], noise: [] },
  { header: 'invalid opcode:', texts: ['invalid opcode:'], noise: [] },
  { header: 'int3:', texts: ['int3:'], noise: [] },
  { header: 'UBSAN:', texts: ['UBSAN:'], noise: [] },
  {
    header: 'Booting the kernel.',
    texts: ['Booting the kernel.'],
    noise: [/Parsing ELF/, /Decompressing Linux/, /Unknown parameter '/],
  },
  { header: 'unregister_netdevice: waiting for', texts: ['unregister_netdevice: waiting for'], noise: [] },
  { header: 'VFS:', texts: ['VFS: Close: file count is 0', 'VFS: Busy inodes after unmount'], noise: [] },
  { header: 'Internal error:', texts: ['Internal error:'], noise: [] },
  { header: 'Unhandled fault:', texts: ['Unhandled fault:'], noise: [] },
  { header: 'Alignment trap:', texts: ['Alignment trap:'], noise: [] },
  { header: 'trusty: panic', texts: ['trusty: panic'], noise: [] },
  { header: 'SYZFAIL:', texts: ['SYZFAIL:'], noise: [] },
  { header: 'SYZFATAL:', texts: ['SYZFATAL:'], noise: [] },
  { header: 'fatal error:', texts: ['fatal error:'], noise: [/ALSA/, /cannot create timer/] },
  { header: 'panic:', texts: ['panic:'], noise: [/_panic:/, /xlog_status:/, /evtlog_status:/, /ddb\.onpanic:/] },
];

/** Every text that makes a headline, for the scanner that skips what has none of them. */
export const headlineTexts: readonly string[] = headlines.flatMap((h) => h.texts);

/**
 * Notices with a stack of their own. They begin no report, but a report that runs on into one has another
 * task's stack in it (`specs/titles.md` section 3).
 */
export const noticesWithStack = [
  'vmalloc: allocation failure:',
  'FAULT_INJECTION: forcing a failure',
  'FAULT_FLAG_ALLOW_RETRY missing',
];

export interface HeadlineMatch {
  readonly header: string;
  /** Where in the line its text stands. */
  readonly at: number;
}

/** The headline of a line's text, or undefined if it is none. */
export function headlineOf(text: string): HeadlineMatch | undefined {
  for (const headline of headlines) {
    for (const wanted of headline.texts) {
      const at = text.indexOf(wanted);
      if (at >= 0 && !headline.noise.some((n) => n.test(text))) return { header: headline.header, at };
    }
  }
  return undefined;
}

/** Later headlines that go with the report before them instead of beginning another one. */
const continuing = [
  'invalid opcode: 0000',
  'Kernel panic - not syncing',
  'unregister_netdevice: waiting for',
  'PANIC: double fault',
  'Internal error:',
  // What a Rust panic ends in.
  'kernel BUG at rust/helpers/',
];

/** Headlines of programs: when the kernel's lines are marked as such, these are not among them. */
const ofPrograms = new Set(['SYZFAIL:', 'SYZFATAL:', 'fatal error:', 'panic:']);

/**
 * True if a later line begins a second report (`specs/titles.md` section 3).
 * @param marked the report's lines have stamps, and this line has none
 */
export function beginsSecondReport(text: string, marked: boolean): boolean {
  if (noticesWithStack.some((n) => text.includes(n))) return true;
  const headline = headlineOf(text);
  if (headline === undefined || (marked && ofPrograms.has(headline.header))) return false;
  return !continuing.some((c) => text.includes(c));
}

/** True if a headline goes with a report that is already open. */
export function continuesReport(text: string): boolean {
  return continuing.some((c) => text.includes(c));
}
