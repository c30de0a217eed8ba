import type { Disassembler } from './instruction.ts';

/** Architectures whose code can be disassembled. */
export type CodeArchitecture = Disassembler['architecture'];

const loaded = new Map<CodeArchitecture, Promise<Disassembler>>();

function isCodeArchitecture(architecture: string | undefined): architecture is CodeArchitecture {
  return architecture === 'x86_64' || architecture === 'i386' || architecture === 'arm64';
}

/**
 * The disassembler for an architecture as reports name it; undefined for those that there is none for. Loaded when it
 * is first asked for: ask only where there is code.
 */
export async function loadDisassembler(architecture: string | undefined): Promise<Disassembler | undefined> {
  if (!isCodeArchitecture(architecture)) return undefined;
  const known = loaded.get(architecture) ?? load(architecture);
  loaded.set(architecture, known);
  return known;
}

async function load(architecture: CodeArchitecture): Promise<Disassembler> {
  switch (architecture) {
    case 'x86_64':
    case 'i386': {
      const { X86Disassembler } = await import('./x86/disassembler.ts');
      return new X86Disassembler(architecture);
    }
    case 'arm64': {
      const { createArm64Disassembler } = await import('./arm64/disassembler.ts');
      return createArm64Disassembler();
    }
  }
}
