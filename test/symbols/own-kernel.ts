import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The compiler of this machine, if it has one that makes x86-64 code. */
export const hasCompiler =
  spawnSync('gcc', ['-dumpmachine'], { encoding: 'utf8' }).stdout?.startsWith('x86_64') === true;

const banner = (build: string): string =>
  `Linux version 6.9.0-made (someone@example.org) (gcc) ${build} SMP PREEMPT_DYNAMIC Sat Jan  1 00:00:00 UTC 2028`;

/** Lines are told apart by what they do; the tests look for these texts. */
const kernelSource = (build: string): string => `
const char linux_banner[] = "${banner(build)}\\n";
volatile int level;
void __attribute__((noinline, noreturn)) stop(void) { for (;;) level = 9; }
static inline __attribute__((always_inline)) void inner(int *at) {
  *at = level; /* the store */
}
static inline __attribute__((always_inline)) void middle(int *at) {
  inner(at); /* calls inner */
}
void __attribute__((noinline)) outer(int *at) {
  level = 1;
  middle(at); /* calls middle */
  level = 2;
}
int __attribute__((noinline)) caller(int *at) {
  outer(at); /* calls outer */
  level = 3; return level; /* after the call */
}
void __attribute__((noinline)) last(void) {
  level = 4;
  stop(); /* does not return */
}
int in_library(void);
int calls_library(void) { return in_library() + 1; }
void __attribute__((noinline)) end(void) { level = 5; }
`;

const twin = (n: number): string => `
extern volatile int level;
static int __attribute__((noinline)) twin(void) { ${'level = 6; '.repeat(n)}return level; } /* twin ${n} */
int call_twin_${n}(void) { return twin() + 1; }
`;

const library = `
extern volatile int level;
int in_library(void) { return level; }
`;

/** A folder with a vmlinux, made for tests, that has inlined functions and functions of one name. */
export interface OwnKernel {
  readonly vmlinux: string;
  readonly source: string;
  readonly banner: string;
  /** Start and size (to the next symbol) of a function, the nth of its name. */
  symbol(name: string, nth?: number): { readonly address: bigint; readonly size: number };
  /** The line of the source that has this text. */
  line(text: string): number;
  /** The offset behind the call in a function. */
  afterCall(name: string): number;
}

/** Compiles and links a kernel of our own for the addresses of a real one. */
export function makeKernel(folder: string, build = '#7'): OwnKernel {
  mkdirSync(join(folder, 'lib'), { recursive: true });
  const source = kernelSource(build);
  const files = { 'kernel.c': source, 'lib/library.c': library, 'twin1.c': twin(1), 'twin2.c': twin(5) };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const vmlinux = join(folder, 'vmlinux');
  const flags = ['-O2', '-g', '-ffreestanding', '-fno-pic', '-no-pie', '-mcmodel=kernel', '-nostdlib', '-static'];
  const link = ['-Wl,-Ttext=0xffffffff81000000', '-Wl,-e,outer', '-Wl,--build-id', '-fcf-protection=none'];
  const plain = ['-fno-asynchronous-unwind-tables', '-fno-reorder-functions', '-fno-toplevel-reorder'];
  execFileSync('gcc', [...flags, ...plain, ...link, '-o', vmlinux, ...Object.keys(files)], {
    cwd: folder,
    stdio: 'pipe',
  });
  const symbols = execFileSync('nm', ['-n', vmlinux], { encoding: 'utf8' })
    .split('\n')
    .flatMap((line) => {
      const [address, type, name] = line.split(' ');
      return name !== undefined && /^[tT]$/.test(type ?? '') ? [{ name, address: BigInt(`0x${address}`) }] : [];
    });
  return {
    vmlinux,
    source,
    banner: banner(build),
    symbol(name, nth = 0) {
      const found = symbols.filter((symbol) => symbol.name === name)[nth];
      const next = symbols.find((symbol) => found !== undefined && symbol.address > found.address);
      if (found === undefined || next === undefined) throw new Error(`no symbol ${name}`);
      return { address: found.address, size: Number(next.address - found.address) };
    },
    line: (text) => source.split('\n').findIndex((line) => line.includes(text)) + 1,
    afterCall(name) {
      const code = execFileSync('objdump', ['-d', '--no-show-raw-insn', `--disassemble=${name}`, vmlinux], {
        encoding: 'utf8',
      });
      const lines = code.split('\n').filter((line) => /^\s*[0-9a-f]+:/.test(line));
      const call = lines.find((line) => /\bcall/.test(line));
      const address = /^\s*([0-9a-f]+):/.exec(call ?? '')?.[1];
      if (address === undefined) throw new Error(`no call in ${name}`);
      // A near call has five bytes.
      return Number(BigInt(`0x${address}`) + 5n - this.symbol(name).address);
    },
  };
}

/** The same file elsewhere. */
export function place(vmlinux: string, path: string): void {
  mkdirSync(join(path, '..'), { recursive: true });
  copyFileSync(vmlinux, path);
}
