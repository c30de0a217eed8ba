import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the module is made of. */
export const moduleSource = `
const char info[] __attribute__((section(".modinfo"), used)) = "name=made\\0vermagic=6.9.0-made SMP ";
volatile int level;
static int __attribute__((noinline)) helper(int at) { /* helper */
  level = at;
  return level;
}
int __attribute__((noinline)) work(int at) { return helper(at) + 1; } /* work */
int __attribute__((section(".init.text"))) starts(void) { return helper(3); } /* starts */
int __attribute__((noinline)) made_isra(int at) __asm__("split.isra.0");
int made_isra(int at) { level = at; return at; } /* split */
`;

/** Compiles a module of our own: it is relocatable, and says its name. */
export function makeModule(folder: string): string {
  const path = join(folder, 'made.ko');
  writeFileSync(join(folder, 'made.c'), moduleSource);
  execFileSync(
    'gcc',
    ['-O2', '-g', '-ffreestanding', '-fno-pic', '-mcmodel=kernel', '-fcf-protection=none', '-c', '-o', path, 'made.c'],
    {
      cwd: folder,
    },
  );
  return path;
}
